import { expect, nextFrame, oneEvent } from '@open-wc/testing';
import '../../dist/define/recording-library.js';
import type { FaultEvent, RecoveredEvent } from '../../dist/components/events.js';
import type { OaRecordingLibrary } from '../../dist/components/recording-library/recording-library.js';
import { OnAirError } from '../../dist/core/errors.js';
import { announceChange, readRecording } from '../../dist/core/record/recording-store.js';
import { cutOff, holdLock, makeTake, names, plant, plantSaved, wipe } from './recordings-support.js';
import { waitUntil } from './wait.js';

/** A worker is started, on machines that do other things too. */
const PATIENCE = { timeout: 15_000 };
const places: Element[] = [];

async function library(markup = '<recording-library></recording-library>'): Promise<OaRecordingLibrary> {
  const place = document.createElement('div');
  place.innerHTML = markup;
  const element = place.querySelector<OaRecordingLibrary>('recording-library')!;
  places.push(place);
  const loaded = oneEvent(element, 'oa-recordingschange');
  document.body.append(place);
  await loaded;
  await element.updateComplete;
  return element;
}

const all = <E extends Element>(element: OaRecordingLibrary, selector: string): E[] => [
  ...element.shadowRoot!.querySelectorAll<E>(selector),
];
const rows = (element: OaRecordingLibrary) => all<HTMLElement>(element, '[part="recording"]');
const textOf = (node: Element) => node.textContent.replace(/\s+/g, ' ').trim();

/** A button as a person finds it: by its name. */
function button(element: OaRecordingLibrary, name: string): HTMLButtonElement | undefined {
  return all<HTMLButtonElement>(element, 'button').find((one) => (one.ariaLabel ?? textOf(one)) === name);
}

const press = (element: OaRecordingLibrary, name: string) => {
  const found = button(element, name);
  expect(found, name).to.be.ok;
  found!.focus();
  found!.click();
};

const nextRecovered = (target: HTMLElement) =>
  new Promise<RecoveredEvent>((resolve) => target.addEventListener('oa-recovered', resolve, { once: true }));

const focused = (element: OaRecordingLibrary) => element.shadowRoot!.activeElement as HTMLElement | null;
const announced = (element: OaRecordingLibrary) => textOf(element.shadowRoot!.querySelector('[role="status"]')!);

describe('recording-library', () => {
  let take: Blob;
  before(async () => ({ media: take } = await makeTake()));
  beforeEach(wipe);
  afterEach(async () => {
    for (const place of places.splice(0)) place.remove();
    await nextFrame();
    await wipe();
  });

  it('says what it is for while there is nothing', async () => {
    const element = await library();
    expect(element.matches(':state(empty)')).to.equal(true);
    expect(textOf(element.shadowRoot!.querySelector('[part="empty"]')!)).to.match(/^No recordings yet\./);
    await expect(element).to.be.accessible();
    const own = await library('<recording-library><p slot="empty">Nothing here</p></recording-library>');
    expect(textOf(own.querySelector('p')!.assignedSlot!.assignedElements()[0]!)).to.equal('Nothing here');
  });

  it('tells name, state, date, duration and size of each, in words', async () => {
    await plantSaved(take, { name: 'First', last: { duration: 3725, size: 1_340_000_000 } });
    await plant({ name: 'Second', media: take });
    await plant({ name: 'Third', media: take, steps: ['open', 'damaged'] });
    const live = await plant({ name: 'Fourth', media: take });
    const release = await holdLock(live);
    const element = await library('<recording-library recover="off"></recording-library>');
    const [fourth, third, second, first] = rows(element).map(textOf);
    expect(fourth).to.match(/^Fourth Recording .*2026.* Still being made, here or in another tab\.$/);
    expect(third).to.match(/^Third Damaged .*No picture or sound can be read\. The file is kept\.$/);
    expect(second).to.match(/^Second Interrupted .*kB.*Something stopped it before it was finished\.$/);
    expect(first).to.match(/^First Saved .*2026.* 1h 2m 1\.3 GB$/);
    expect(all(element, '[part="recording"] svg')).to.have.length.above(4);
    expect(textOf(element.shadowRoot!.querySelector('[part="storage"]')!)).to.match(
      /4 recordings 1\.3 GB in all room for about .*B more/,
    );
    expect(element.storage).to.have.keys(['used', 'quota', 'left', 'persisted', 'memoryOnly']);
    await expect(element).to.be.accessible();
    release();
  });

  it('recovers what was interrupted, tells so, and leaves a live take alone', async () => {
    const lost = await plant({ name: 'Lost', media: cutOff(take) });
    const live = await plant({ name: 'Live', media: take });
    const release = await holdLock(live);
    const recovered = nextRecovered(document.body);
    const element = await library();
    const event = await recovered;
    expect(event.target).to.equal(element);
    expect(event.recording).to.include({ id: lost, state: 'recovered' });
    expect(element.recordings).to.include(event.recording);
    await element.updateComplete;
    expect(announced(element)).to.match(/^Lost is recovered: .*s\.$/);
    expect(textOf(rows(element)[1]!)).to.match(/^Lost Recovered .*It is complete up to that moment\.$/);
    expect(textOf(rows(element)[0]!)).to.match(/^Live Recording/);
    expect(rows(element)[0]!.querySelector('button')).to.equal(null);
    expect(await names(live)).to.have.length(2);

    release();
    const later = await nextRecovered(element);
    expect(later.recording.id, 'its writer has gone').to.equal(live);
  });

  it('says of a take that is being finished that it is, and recovers it only when nobody does so any more', async () => {
    const id = await plant({ name: 'Copied', media: take, steps: ['open', 'recording', 'finishing', 'repairing'] });
    const release = await holdLock(id);
    const faults: Event[] = [];
    const hear = (event: Event) => faults.push(event);
    document.body.addEventListener('oa-error', hear);
    const element = await library();
    expect(element.recordings[0]!.state).to.equal('finishing');
    expect(textOf(rows(element)[0]!)).to.match(/^Copied Saving .*It is being finished, here or in another tab\.$/);
    expect(rows(element)[0]!.querySelector('button')).to.equal(null);
    release();
    expect((await nextRecovered(element)).recording).to.include({ id, state: 'recovered' });
    document.body.removeEventListener('oa-error', hear);
    expect(faults).to.deep.equal([]);
  });

  it('takes a recovery up that it lost to another tab, should that tab die', async () => {
    const id = await plant({ name: 'Lost', media: cutOff(take), steps: ['open', 'recording', 'repairing'] });
    const element = await library('<recording-library recover="off"></recording-library>');
    expect(element.recordings[0]!.state).to.equal('interrupted');
    const release = await holdLock(id);
    element.recoverMode = 'auto';
    await waitUntil(() => element.matches(':state(recovering)'), 'it tries', PATIENCE);
    await waitUntil(() => !element.matches(':state(recovering)'), 'it was too late', PATIENCE);
    expect(element.recordings[0]!.state).to.equal('finishing');
    const recovered = nextRecovered(element);
    release();
    expect((await recovered).recording).to.include({ id, state: 'recovered' });
  });

  it('offers a button for each where recovering is left to the person', async () => {
    const lost = await plant({ name: 'Lost', media: cutOff(take) });
    const element = await library('<recording-library recover="manual"></recording-library>');
    expect(element.recordings[0]).to.include({ id: lost, state: 'interrupted' });
    const recovered = nextRecovered(element);
    press(element, 'Recover Lost');
    expect((await recovered).recording.state).to.equal('recovered');
    await element.updateComplete;
    expect(button(element, 'Recover Lost')).to.equal(undefined);
    expect(button(element, 'Play Lost')).to.be.ok;
  });

  it('keeps the focus in the row that is recovered, also when it cannot be', async () => {
    await plant({ name: 'Lost', media: cutOff(take) });
    const element = await library('<recording-library recover="manual"></recording-library>');
    const [row] = rows(element);
    const passed: EventTarget[] = [];
    row!.addEventListener('focusin', ({ target }) => passed.push(target!));
    press(element, 'Recover Lost');
    await waitUntil(() => focused(element)?.ariaLabel === 'Play Lost', 'the focus is back', PATIENCE);
    expect(passed, 'the row itself while it has no button').to.include(row);
    expect(document.activeElement).to.equal(element);

    const other = await plant({ name: 'Other', media: cutOff(take) });
    await element.refresh();
    await waitUntil(() => button(element, 'Recover Other'), 'it is listed, and the one before is done', PATIENCE);
    const release = await holdLock(other);
    press(element, 'Recover Other');
    await waitUntil(() => element.shadowRoot!.querySelector('[part="error"]'), 'it is said', PATIENCE);
    expect(focused(element)!.closest('[part="recording"]')).to.equal(rows(element)[0]);
    expect(document.activeElement).to.equal(element);
    release();
  });

  it('tells in figures how far a recovery is that takes time, and announces only its end', async () => {
    await plant({ name: 'Long', media: new Blob(Array<Blob>(1500).fill(take)) });
    const element = await library('<recording-library recover="manual"></recording-library>');
    const root = element.shadowRoot!;
    const seen: { name: string | null; value: number; figure: string }[] = [];
    const told = new Set<string>();
    const observer = new MutationObserver(() => {
      told.add(announced(element));
      const bar = root.querySelector('progress');
      if (bar) seen.push({ name: bar.ariaLabel, value: bar.value, figure: textOf(bar.parentElement!) });
    });
    observer.observe(root, { subtree: true, childList: true, characterData: true });
    press(element, 'Recover Long');
    await nextRecovered(element);
    await element.updateComplete;
    observer.disconnect();
    expect(seen).to.have.length.above(1);
    for (const { name, value, figure } of seen) {
      expect(name).to.equal('Recovering Long');
      expect(value).to.be.within(0, 1);
      expect(figure).to.equal(`${Math.round(value * 100)}%`);
    }
    expect(seen.map(({ value }) => value)).to.deep.equal(seen.map(({ value }) => value).toSorted((a, b) => a - b));
    expect([...told].filter((sentence) => !/^Long is recovered/.test(sentence))).to.deep.equal(['']);
    expect(root.querySelector('progress')).to.equal(null);
  }).timeout(60_000);

  it('tells nothing of a recovery whose list is shown no more, and begins none of those that waited', async () => {
    const ids = [await plant({ media: cutOff(take) }), await plant({ media: cutOff(take) })];
    const element = await library();
    const told: Event[] = [];
    for (const type of ['oa-recovered', 'oa-error']) element.addEventListener(type, (event) => told.push(event));
    const changed = oneEvent(element, 'oa-recordingschange');
    element.collection = 'other';
    await changed;
    // While its files get their names there is none to read.
    const stateOf = (id: string) =>
      readRecording(id).then(
        ({ state }) => state,
        () => 'unread',
      );
    const states = () => Promise.all(ids.map(stateOf));
    await waitUntil(async () => (await states()).includes('recovered'), 'its worker went on', PATIENCE);
    for (const id of ids) (await holdLock(id))();
    expect((await states()).sort()).to.deep.equal(['interrupted', 'recovered']);
    expect(told).to.deep.equal([]);
    expect(announced(element)).to.equal('');
  });

  it('is failed where it cannot read, and not where something else did not work', async () => {
    const gone = await plantSaved(take, { name: 'Gone' });
    const element = await library();
    const told = oneEvent(element, 'oa-error') as Promise<unknown> as Promise<FaultEvent>;
    await wipe();
    press(element, 'Download Gone');
    expect((await told).code).to.equal('recording-missing');
    await plantSaved(take, { name: 'Next' });
    announceChange(gone);
    await waitUntil(() => button(element, 'Download Next'));
    expect(element.matches(':state(failed)')).to.equal(false);
    press(element, 'Delete Next');
    await waitUntil(() => all(element, '[part="error"]').length === 0, 'it is another matter by now');
  });

  it('gives the focus back to the button that asked when a recording cannot be deleted', async () => {
    const busy = await plantSaved(take, { name: 'Busy' });
    const element = await library();
    const release = await holdLock(busy);
    press(element, 'Delete Busy');
    await waitUntil(() => button(element, 'Delete'));
    press(element, 'Delete');
    await waitUntil(() => element.shadowRoot!.querySelector('[part="error"]'), 'it is said', PATIENCE);
    expect(all(element, '[part="question"]')).to.have.length(0);
    expect(focused(element)!.ariaLabel).to.equal('Delete Busy');
    expect(document.activeElement).to.equal(element);
    release();
  });

  it('hands the focus to the next recording when another tab has removed the one that has it', async () => {
    await plantSaved(take, { name: 'B' });
    const gone = await plantSaved(take, { name: 'A' });
    const element = await library();
    button(element, 'Download A')!.focus();
    await (await readRecording(gone)).remove();
    await waitUntil(() => rows(element).length === 1);
    expect(focused(element)!.ariaLabel).to.equal('Play B');
    await element.recordings[0]!.remove();
    await waitUntil(() => rows(element).length === 0);
    expect(focused(element)!.matches('[part="empty"]')).to.equal(true);
  });

  it('says that it is reading, when that takes longer than a moment', async () => {
    await plantSaved(take, { name: 'Late' });
    const query = navigator.locks.query.bind(navigator.locks);
    let answer!: () => void;
    const asked = new Promise<void>((resolve) => (answer = resolve));
    navigator.locks.query = () => asked.then(query);
    const place = document.createElement('div');
    place.innerHTML = '<recording-library></recording-library>';
    places.push(place);
    document.body.append(place);
    const element = place.querySelector<OaRecordingLibrary>('recording-library')!;
    await element.updateComplete;
    expect(textOf(element.shadowRoot!.querySelector('section')!), 'not at once').to.equal('');
    await waitUntil(() => all(element, '[part="loading"]').length === 1);
    expect(textOf(all(element, '[part="loading"]')[0]!)).to.equal('Reading recordings …');
    expect(element.matches(':state(loading)')).to.equal(true);
    await expect(element).to.be.accessible();
    navigator.locks.query = query;
    answer();
    await waitUntil(() => rows(element).length === 1);
    expect(all(element, '[part="loading"]')).to.have.length(0);
  });

  it('does not recover at all where that is off', async () => {
    const lost = await plant({ name: 'Lost', media: cutOff(take) });
    const element = await library('<recording-library recover="off"></recording-library>');
    expect(button(element, 'Recover Lost')).to.equal(undefined);
    expect(await names(lost)).to.include(`${lost}.recording`);
    element.recoverMode = 'auto';
    await nextRecovered(element);
  });

  it('keeps what cannot be recovered, and says so once', async () => {
    await plant({ name: 'Noise', media: 'x'.repeat(3000) });
    const faults: FaultEvent[] = [];
    const hear = (event: FaultEvent) => faults.push(event);
    document.body.addEventListener('oa-error', hear);
    const element = await library();
    await waitUntil(() => element.recordings[0]?.state === 'damaged' && faults.length > 0, 'damaged', PATIENCE);
    await element.updateComplete;
    expect(announced(element)).to.equal('Noise could not be recovered. The file is kept.');
    expect(faults.map(({ code, fatal, source }) => ({ code, fatal, source }))).to.deep.equal([
      { code: 'recording-damaged', fatal: false, source: element },
    ]);
    await element.refresh();
    await element.updateComplete;
    expect(textOf(rows(element)[0]!)).to.match(/^Noise Damaged/);
    expect(button(element, 'Download Noise')).to.be.ok;
    document.body.removeEventListener('oa-error', hear);
  });

  it('plays one recording at a time, from disk, and lets go of it', async () => {
    await plantSaved(take, { name: 'A' });
    await plantSaved(take, { name: 'B' });
    const element = await library();
    press(element, 'Play A');
    await waitUntil(() => all(element, 'video').length === 1);
    const video = all<HTMLVideoElement>(element, 'video')[0]!;
    const source = video.src;
    if (video.readyState === 0) await oneEvent(video, 'loadedmetadata');
    expect(video).to.include({ controls: true, videoWidth: 160, ariaLabel: 'A' });
    expect(button(element, 'Close A')!.ariaExpanded).to.equal('true');
    await expect(element).to.be.accessible();

    press(element, 'Play B');
    await waitUntil(() => all<HTMLVideoElement>(element, 'video')[0]?.ariaLabel === 'B');
    expect(all(element, 'video')).to.have.length(1);
    expect(
      await fetch(source).then(
        () => 'there',
        () => 'gone',
      ),
    ).to.equal('gone');

    press(element, 'Close B');
    await element.updateComplete;
    expect(all(element, 'video')).to.have.length(0);
  });

  it('says so where a recording cannot be played here', async () => {
    await plantSaved(new Blob(['nothing that plays']), { name: 'Odd' });
    const element = await library();
    press(element, 'Play Odd');
    await waitUntil(() => all(element, '.notice').length === 1);
    expect(textOf(all(element, '.notice')[0]!)).to.equal('This browser cannot play it here. Download it to watch it.');
  });

  it('asks before it deletes, by keyboard too, and keeps the focus near', async () => {
    const [c, b, a] = [
      await plantSaved(take, { name: 'C' }),
      await plantSaved(take, { name: 'B' }),
      await plantSaved(take, { name: 'A' }),
    ];
    const element = await library();
    press(element, 'Delete B');
    await waitUntil(() => focused(element)?.matches('[part~="keep-button"]'));
    const question = all<HTMLElement>(element, '[part="question"]')[0]!;
    expect(question.ariaLabel).to.equal('Delete “B”? This cannot be undone.');
    await expect(element).to.be.accessible();

    focused(element)!.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, composed: true }));
    await waitUntil(() => focused(element)?.ariaLabel === 'Delete B');
    expect(all(element, '[part="question"]')).to.have.length(0);
    expect(await names(b)).to.have.length(2);

    press(element, 'Delete B');
    await waitUntil(() => button(element, 'Delete'));
    press(element, 'Delete');
    await waitUntil(() => focused(element)?.ariaLabel === 'Play C');
    expect(announced(element)).to.equal('B is deleted.');
    expect(element.recordings.map(({ id }) => id)).to.deep.equal([a, c]);
    expect(await names(b)).to.deep.equal([]);

    for (const name of ['C', 'A']) {
      press(element, `Delete ${name}`);
      await waitUntil(() => button(element, 'Delete'));
      press(element, 'Delete');
      await waitUntil(() => button(element, `Delete ${name}`) === undefined && !button(element, 'Delete'));
    }
    await waitUntil(() => focused(element)?.matches('[part="empty"]'));
  });

  it('offers no deleting where that is not wanted', async () => {
    await plantSaved(take, { name: 'Evidence' });
    const element = await library('<recording-library no-remove></recording-library>');
    expect(button(element, 'Download Evidence')).to.be.ok;
    expect(button(element, 'Delete Evidence')).to.equal(undefined);
  });

  it('shows one collection, and the default one where none is named', async () => {
    await plantSaved(take, { name: 'Desk', collection: 'desk' });
    await plantSaved(take, { name: 'Plain' });
    const element = await library();
    expect(element.recordings.map(({ name }) => name)).to.deep.equal(['Plain']);
    element.setAttribute('collection', 'desk');
    await oneEvent(element, 'oa-recordingschange');
    expect(element.recordings.map(({ name }) => name)).to.deep.equal(['Desk']);
    await element.updateComplete;
    expect(rows(element).map((row) => textOf(row.querySelector('[part="name"]')!))).to.deep.equal(['Desk']);

    // As a framework does that has no value for it.
    for (const none of [null, undefined]) {
      element.collection = none as unknown as string;
      expect((await element.refresh()).map(({ name }) => name)).to.deep.equal(['Plain']);
      element.collection = ' desk ';
      expect(
        (await element.refresh()).map(({ name }) => name),
        'as a recorder takes it',
      ).to.deep.equal(['Desk']);
    }
    element.removeAttribute('collection');
    expect((await element.refresh()).map(({ name }) => name)).to.deep.equal(['Plain']);
  });

  it('answers a script that has only just put it into the page', async () => {
    await plantSaved(take, { name: 'Plain' });
    const element = document.createElement('recording-library');
    places.push(element);
    document.body.append(element);
    expect((await element.refresh()).map(({ name }) => name)).to.deep.equal(['Plain']);
  });

  it('has methods for scripts, and is still removed as every element is', async () => {
    const saved = await plantSaved(take);
    const lost = await plant({ media: cutOff(take) });
    const element = await library('<recording-library recover="off"></recording-library>');
    await element.remove(saved);
    expect(element.recordings.map(({ id }) => id)).to.deep.equal([lost]);
    expect((await element.recover(lost)).state).to.equal('recovered');
    expect(await element.refresh()).to.equal(element.recordings);
    element.remove();
    expect(element.isConnected).to.equal(false);
    const refused = await element.refresh().catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(OnAirError).with.property('code', 'invalid-state');
  });

  it('keeps its list when it is moved, and stops listening when it is removed', async () => {
    await plantSaved(take, { name: 'A' });
    const element = await library();
    const before = element.recordings;
    const place = document.createElement('section');
    places.push(place);
    document.body.append(place);
    place.append(element);
    await nextFrame();
    expect(element.recordings).to.equal(before);
    announceChange(await plantSaved(take, { name: 'B' }));
    await waitUntil(() => rows(element).length === 2);

    element.remove();
    await nextFrame();
    let heard = 0;
    element.addEventListener('oa-recordingschange', () => heard++);
    announceChange(await plantSaved(take, { name: 'C' }));
    place.append(element);
    await waitUntil(() => element.recordings.length === 3);
    expect(heard).to.equal(1);
  });

  it('stays fast with hundreds', async function () {
    this.timeout(60_000);
    const planted: Promise<string>[] = [];
    for (let i = 0; i < 200; i++) planted.push(plantSaved(new Blob(['x']), { name: `Take ${i}` }));
    await Promise.all(planted);
    const element = await library();
    expect(element.recordings).to.have.length(200);
    expect(rows(element).length, 'a first screenful at once').to.be.within(1, 199);
    await waitUntil(() => rows(element).length === 200, 'then the rest', { timeout: 5000 });
  });
});
