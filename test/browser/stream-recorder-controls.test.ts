import { expect, nextFrame } from '@open-wc/testing';
import { sendKeys, sendMouse } from '@web/test-runner-commands';
import type { AxeResults, RunOptions } from 'axe-core';
import 'axe-core/axe.min.js';
import { fileSize } from '../../dist/components/stream-recorder/figures.js';
import { configureMessages } from '../../dist/core/index.js';
import '../../dist/define/media-producer.js';
import '../../dist/define/stream-recorder.js';
import {
  announced,
  GIVEN,
  live,
  part,
  PATIENCE,
  picture,
  place,
  producer,
  reached,
  record,
  recordButton,
  recorded,
  recorder,
  tidy,
  type OaStreamRecorder,
} from './stream-recorder-support.js';
import { waitUntil } from './wait.js';

const { axe } = globalThis as unknown as { axe: { run(at: Element, options: RunOptions): Promise<AxeResults> } };

async function click(target: Element): Promise<void> {
  target.scrollIntoView({ block: 'center' });
  const { x, y, width, height } = target.getBoundingClientRect();
  await sendMouse({ type: 'click', position: [Math.round(x + width / 2), Math.round(y + height / 2)] });
}

afterEach(tidy);

describe('the controls of stream-recorder', () => {
  const focused = () => {
    const active = recorder().shadowRoot!.activeElement;
    return active && (active.getAttribute('aria-label') ?? active.textContent!.trim());
  };

  it('work by keyboard alone, and the first button keeps the focus', async () => {
    const element = await live(GIVEN.replace('<media-producer', '<media-producer no-controls no-preview'));
    await sendKeys({ press: 'Tab' });
    expect(focused()).to.equal('Record');
    await sendKeys({ press: 'Enter' });
    await reached(element, 'recording');
    await recorded(element);
    expect(focused()).to.equal('Stop');
    await sendKeys({ press: 'Tab' });
    expect(focused()).to.equal('Pause');
    await sendKeys({ press: ' ' });
    await reached(element, 'paused');
    expect(focused()).to.equal('Resume');
    await sendKeys({ down: 'Shift' });
    await sendKeys({ press: 'Tab' });
    await sendKeys({ up: 'Shift' });
    await sendKeys({ press: 'Enter' });
    await waitUntil(() => element.recording, 'saved', PATIENCE);
    await element.updateComplete;
    expect(focused()).to.equal('Record');
    await sendKeys({ press: 'Tab' });
    expect(focused()).to.equal('Download');
  });

  it('ask before a take is discarded, and the focus goes along', async () => {
    const element = await live();
    await element.start();
    await recorded(element);
    await element.updateComplete;
    const discard = part('discard-button')!;
    const asked = () => part('confirm');
    discard.click();
    await waitUntil(() => focused() === 'Keep it', 'the harmless one has the focus');
    expect(element.state, 'it records on meanwhile').to.equal('recording');
    // In a dialog of the page, which stays open.
    const dialog = document.createElement('dialog');
    place.append(dialog);
    dialog.append(producer());
    dialog.showModal();
    part('confirm')!.querySelector<HTMLElement>('.keep')!.focus();
    await sendKeys({ press: 'Escape' });
    await waitUntil(() => !asked() && focused() === 'Discard', 'back');
    expect([dialog.open, element.state]).to.deep.equal([true, 'recording']);
    dialog.close();
    place.append(producer());
    discard.click();
    await element.updateComplete;
    asked()!.querySelector<HTMLElement>('.sure')!.click();
    await reached(element, 'idle');
    expect(asked()).to.equal(null);
    expect(element.recording).to.equal(null);
    expect(focused()).to.equal('Record');
  });

  it('hand the focus to the record button when the take ends by itself', async () => {
    const element = await live();
    for (const name of ['Pause', 'Discard', 'Keep it', 'Limits']) {
      producer().srcObject = picture();
      await element.start();
      await element.updateComplete;
      if (name === 'Keep it') part('discard-button')!.click();
      else if (name === 'Limits') part('guarantee')!.querySelector('summary')!.focus();
      else part(`${name.toLowerCase()}-button`)!.focus();
      await waitUntil(() => focused()?.includes(name), name);
      await recorded(element);
      producer().stop();
      await reached(element, 'idle');
      expect(focused(), name).to.equal('Record');
      expect(document.activeElement, name).to.equal(element);
    }
  });

  it('are told to screen readers when something changes, and not each second', async () => {
    const element = await live(GIVEN.replace('<stream-recorder', '<stream-recorder recording-name="Ada"'));
    const told = new Set<string>();
    const live$ = element.shadowRoot!.querySelector('[role=status]')!;
    const observer = new MutationObserver(() => told.add(live$.textContent!));
    observer.observe(live$, { childList: true, characterData: true, subtree: true });
    await record(element, 2);
    await element.updateComplete;
    observer.disconnect();
    expect([...told]).to.deep.equal(['Recording has started.', 'Saved: Ada.']);
  });

  it('tell in figures how much is saved where that takes time, and announce only its end', async () => {
    const NativeWorker = globalThis.Worker;
    let goOn!: () => void;
    // A writer that has to copy: it says so, and takes its time.
    globalThis.Worker = class extends NativeWorker {
      override postMessage(data: { type: string }, ...rest: []): void {
        if (data.type !== 'stop') return super.postMessage(data, ...rest);
        goOn = () => super.postMessage(data);
        const said = [
          { type: 'state', state: 'finishing' },
          { type: 'copied', share: 0.43 },
        ];
        for (const message of said) this.dispatchEvent(new MessageEvent('message', { data: message }));
      }
    };
    try {
      const element = await live();
      await element.start();
      await recorded(element);
      void element.stop();
      await reached(element, 'finishing');
      const bar = part('progress')!.querySelector('progress')!;
      expect(bar.value).to.equal(0.43);
      expect(bar.ariaLabel).to.equal('Saving');
      expect(part('progress')!.textContent!.trim()).to.equal('43%');
      expect(element.shadowRoot!.querySelector('[role=status]')!.textContent).to.equal('Recording has started.');
      const { violations } = await axe.run(element, { resultTypes: ['violations'] });
      expect(violations.map(({ id }) => id)).to.deep.equal([]);
      goOn();
      await waitUntil(() => element.recording, 'saved', PATIENCE);
      await element.updateComplete;
      expect(part('progress')).to.equal(null);
    } finally {
      globalThis.Worker = NativeWorker;
    }
  });

  it('tell why a take has ended early, and that it is saved', async () => {
    const NativeWorker = globalThis.Worker;
    // A writer that ends it by itself, and not because a person wants it to.
    globalThis.Worker = class extends NativeWorker {
      override postMessage(data: { type: string }, ...rest: []): void {
        super.postMessage(data.type === 'stop' ? { ...data, reason: 'disk-full' } : data, ...rest);
      }
    };
    try {
      const element = await live(GIVEN.replace('<stream-recorder', '<stream-recorder recording-name="Ada"'));
      await record(element);
      await element.updateComplete;
      expect(announced()).to.match(/^The storage is full\. .+ Saved: Ada\.$/);
      expect(element.error!.code).to.equal('disk-full');
    } finally {
      globalThis.Worker = NativeWorker;
    }
  });

  it('give way to those of the page', async () => {
    await live(
      '<media-producer><stream-recorder><button slot="controls">Go</button></stream-recorder></media-producer>',
    );
    expect(recordButton().checkVisibility()).to.equal(false);
    expect(recorder().querySelector('button')!.checkVisibility()).to.equal(true);
  });

  it('follow the nearest language, figures too', async () => {
    configureMessages('de', { 'recorder.record': 'Aufnehmen' });
    const element = await live();
    document.documentElement.lang = 'de';
    await waitUntil(() => recordButton().textContent!.trim() === 'Aufnehmen', 'in German');
    expect(fileSize(3_400_000, 'de')).to.equal('3,4 MB');
    expect(fileSize(3_400_000, 'no such_tag')).to.equal('3.4 MB');
    document.documentElement.lang = 'no such_tag';
    await record(element);
  });

  it('obeys buttons of the page, without script', async () => {
    const buttons = ['start', 'pause', 'resume', 'stop'].map(
      (name) => `<button commandfor="r" command="--${name}">${name}</button>`,
    );
    const markup = `<media-producer no-preview><stream-recorder id="r"></stream-recorder></media-producer>`;
    const element = await live(buttons.join('') + markup);
    const press = (name: string) => click(place.querySelector(`[command="--${name}"]`)!);
    await press('start');
    await reached(element, 'recording');
    await recorded(element);
    await press('pause');
    await reached(element, 'paused');
    await press('resume');
    await reached(element, 'recording');
    await press('stop');
    await waitUntil(() => element.recording, 'recorded', PATIENCE);
  });
});

describe('the look of stream-recorder', () => {
  const STATES: Record<string, (element: OaStreamRecorder) => unknown> = {
    'without a producer': (element) => place.append(element),
    idle: () => {},
    recording: (element) => element.start(),
    paused: (element) => element.start().then(() => element.pause()),
    saved: (element) => record(element),
    failed: (element) => {
      producer().stop();
      return element.start().catch(() => {});
    },
    asking: (element) =>
      element.start().then(async () => {
        await element.updateComplete;
        part('discard-button')!.click();
      }),
  };

  async function shown(state: string): Promise<OaStreamRecorder> {
    const element = await live();
    await STATES[state]!(element);
    if (state === 'recording' || state === 'paused') await reached(element, state);
    await element.updateComplete;
    return element;
  }

  for (const state of Object.keys(STATES)) {
    it(`is accessible when ${state}, light and dark`, async () => {
      const element = await shown(state);
      element.shadowRoot!.querySelector('details')?.setAttribute('open', '');
      for (const scheme of ['light', 'dark']) {
        element.style.colorScheme = scheme;
        element.style.backgroundColor = 'Canvas';
        await nextFrame();
        await Promise.allSettled(element.shadowRoot!.getAnimations().map(({ finished }) => finished));
        const { violations } = await axe.run(element, { resultTypes: ['violations'] });
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join()}`)).to.deep.equal([]);
      }
      for (const button of element.shadowRoot!.querySelectorAll('button')) {
        expect(button.getAttribute('aria-label') ?? button.textContent!.trim()).not.to.equal('');
        const { width, height } = button.getBoundingClientRect();
        expect(Math.min(width, height), button.outerHTML).to.be.at.least(44);
      }
    });

    it(`fits into 240 px with text at 200 % when ${state}`, async () => {
      const element = await shown(state);
      element.shadowRoot!.querySelector('details')?.setAttribute('open', '');
      element.style.inlineSize = '240px';
      for (const size of ['100%', '200%']) {
        document.documentElement.style.fontSize = size;
        await nextFrame();
        const box = element.getBoundingClientRect();
        for (const inner of element.shadowRoot!.querySelectorAll('p:not(.unseen), button, dd, li, summary, .frame')) {
          const { left, right } = inner.getBoundingClientRect();
          expect(left, inner.outerHTML).to.be.at.least(box.left - 0.5);
          expect(right, inner.outerHTML).to.be.at.most(box.right + 0.5);
        }
      }
      document.documentElement.style.fontSize = '';
    });
  }
});
