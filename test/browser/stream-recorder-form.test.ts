import { expect, nextFrame } from '@open-wc/testing';
import '../../dist/define/media-producer.js';
import '../../dist/define/stream-recorder.js';
import { readRecording } from '../../dist/core/record/index.js';
import { live, part, PATIENCE, place, record, recordButton, recorded, tidy } from './stream-recorder-support.js';
import { waitUntil } from './wait.js';

afterEach(tidy);

describe('stream-recorder as a form field', () => {
  const FORM = `<form><media-producer><label for="take">Your answer</label>
    <stream-recorder id="take" name="answer" required></stream-recorder></media-producer></form>`;
  const form = () => place.querySelector('form')!;
  const sent = () => new FormData(form()).get('answer');

  it('sends the recorded file', async () => {
    const element = await live(FORM);
    expect(element.form).to.equal(form());
    expect([...element.labels].map((label) => label.textContent)).to.deep.equal(['Your answer']);
    expect(part('frame')!.getAttribute('aria-label')).to.equal('Your answer');
    expect(sent()).to.equal(null);
    let atEvent: FormDataEntryValue | null = null;
    element.addEventListener('oa-recorded', () => (atEvent = sent()));
    const recording = await record(element);
    const file = sent() as File;
    expect(file).to.be.instanceOf(File);
    expect(file.size).to.equal(recording.size);
    expect(file.size).to.be.above(0);
    expect(atEvent, 'the value is there with the event').to.be.instanceOf(File);
  });

  it('must not be left out when it is required, and leads to the record button', async () => {
    const element = await live(FORM);
    expect(element.willValidate).to.equal(true);
    expect(element.validity.valueMissing).to.equal(true);
    expect(element.validationMessage).to.equal('Record something first.');
    expect(form().checkValidity()).to.equal(false);
    expect(element.reportValidity()).to.equal(false);
    expect(element.shadowRoot!.activeElement).to.equal(recordButton());
    element.required = false;
    expect(element.checkValidity()).to.equal(true);
    element.required = true;
    expect(element.checkValidity()).to.equal(false);
    await record(element);
    expect(form().checkValidity()).to.equal(true);
    expect(element.validationMessage).to.equal('');
  });

  it('leads to itself where the page has buttons of its own', async () => {
    const element = await live(FORM);
    const own = document.createElement('div');
    own.slot = 'controls';
    element.append(own);
    await waitUntil(() => part('frame')!.tabIndex === -1 && part('frame')!.hasAttribute('tabindex'));
    expect(element.reportValidity()).to.equal(false);
    expect(document.activeElement).to.equal(element);
    expect(element.shadowRoot!.activeElement).to.equal(part('frame'));
    own.remove();
    await waitUntil(() => !part('frame')!.hasAttribute('tabindex'));
    expect(element.reportValidity()).to.equal(false);
    expect(element.shadowRoot!.activeElement).to.equal(recordButton());
  });

  it('is emptied by a reset, and the recording stays on disk', async () => {
    const element = await live(FORM);
    const { id } = await record(element);
    form().reset();
    expect([sent(), element.recording, element.duration, element.validity.valueMissing]).to.deep.equal([
      null,
      null,
      0,
      true,
    ]);
    expect((await readRecording(id)).state).to.equal('saved');
  });

  it('is emptied when its recording is removed, wherever that is done', async () => {
    const element = await live(FORM);
    const first = await record(element);
    await first.remove();
    await waitUntil(() => !element.recording, 'empty', PATIENCE);
    await element.updateComplete;
    expect([sent(), element.duration, element.validity.valueMissing]).to.deep.equal([null, 0, true]);
    expect(part('name')).to.equal(null);

    const kept = await record(element);
    await (await readRecording((await record(element)).id)).remove();
    await waitUntil(() => !element.recording, 'empty again', PATIENCE);
    expect((await readRecording(kept.id)).state, 'what was recorded before').to.equal('saved');

    const away = await record(element);
    const { parentElement } = element;
    element.remove();
    await away.remove();
    parentElement!.append(element);
    await waitUntil(() => !element.recording, 'removed while the field was away', PATIENCE);
    expect(form().checkValidity()).to.equal(false);
  });

  it('is brought back by the id that the browser was given to keep', async () => {
    const { setFormValue } = ElementInternals.prototype;
    const given: unknown[][] = [];
    ElementInternals.prototype.setFormValue = function (this: ElementInternals, ...value) {
      given.push(value);
      setFormValue.apply(this, value);
    };
    const element = await live(FORM);
    const { id, name, size } = await record(element).finally(
      () => (ElementInternals.prototype.setFormValue = setFormValue),
    );
    const [file, kept] = given.at(-1)!;
    expect(file).to.be.instanceOf(File);
    expect(kept).to.equal(id);
    form().reset();
    element.formStateRestoreCallback(kept);
    await waitUntil(() => sent(), 'restored', PATIENCE);
    await element.updateComplete;
    expect((sent() as File).size).to.equal(size);
    expect(element.recording!.id).to.equal(id);
    expect(element.checkValidity()).to.equal(true);
    expect(part('name')!.textContent).to.equal(name);

    form().reset();
    element.formStateRestoreCallback('00000000-0000-4000-8000-000000000000');
    element.formStateRestoreCallback(null);
    await nextFrame();
    expect(sent(), 'a recording that is gone').to.equal(null);
  });

  it('starts nothing when it is disabled, by itself or by a fieldset, but a take can be ended', async () => {
    const element = await live(FORM.replace('<media-producer>', '<fieldset><media-producer>'));
    for (const holder of [element, place.querySelector('fieldset')!]) {
      holder.disabled = true;
      await element.updateComplete;
      expect(recordButton().disabled).to.equal(true);
      expect(element.willValidate).to.equal(false);
      element.dispatchEvent(Object.assign(new Event('command'), { command: '--start' }));
      expect(element.state).to.equal('idle');
      holder.disabled = false;
      await element.updateComplete;
      expect(recordButton().disabled).to.equal(false);
    }
    await element.start();
    await recorded(element);
    element.disabled = true;
    await element.updateComplete;
    recordButton().click();
    await waitUntil(() => element.recording, 'ended', PATIENCE);
    expect(sent(), 'left out while disabled').to.equal(null);
  });

  it('has its name as soon as it is set', async () => {
    const element = await live(FORM);
    await record(element);
    element.name = 'other';
    expect(new FormData(form()).get('other')).to.be.instanceOf(File);
    expect(element.getAttribute('name')).to.equal('other');
  });
});
