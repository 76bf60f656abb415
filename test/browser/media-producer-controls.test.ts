import { expect, nextFrame } from '@open-wc/testing';
import { sendKeys, sendMouse, setViewport } from '@web/test-runner-commands';
import type { AxeResults, RunOptions } from 'axe-core';
import 'axe-core/axe.min.js';
import '../../dist/define/media-producer.js';
import {
  answerWith,
  button,
  endingPicture,
  part,
  producer,
  reached,
  tidy,
  type OaMediaProducer,
} from './media-producer-support.js';
import { waitUntil } from './wait.js';

/** The file is a script: it leaves its name on the page. */
const { axe } = globalThis as unknown as { axe: { run(at: Element, options: RunOptions): Promise<AxeResults> } };

/** When every transition has ended. */
async function still(element: OaMediaProducer): Promise<void> {
  await nextFrame();
  const root = element.shadowRoot!;
  // A transition that another one takes over from is rejected.
  while (root.getAnimations().length > 0)
    await Promise.allSettled(root.getAnimations().map(({ finished }) => finished));
}

const focused = (element: OaMediaProducer) =>
  element.shadowRoot!.activeElement?.querySelector('.label')?.textContent ?? null;

async function click(target: Element): Promise<void> {
  const { x, y, width, height } = target.getBoundingClientRect();
  await sendMouse({ type: 'click', position: [Math.round(x + width / 2), Math.round(y + height / 2)] });
}

afterEach(tidy);

describe('the controls of media-producer', () => {
  it('work by keyboard alone, and the first button keeps the focus', async () => {
    const element = await producer();
    await sendKeys({ press: 'Tab' });
    expect(focused(element)).to.equal('Turn on camera and microphone');
    await sendKeys({ press: 'Enter' });
    await reached(element, 'live');
    expect(focused(element)).to.equal('Stop');
    await sendKeys({ press: 'Tab' });
    expect(focused(element)).to.equal('Pause');
    await sendKeys({ press: ' ' });
    await reached(element, 'paused');
    expect(focused(element)).to.equal('Resume');
    await sendKeys({ press: ' ' });
    await reached(element, 'live');
    await sendKeys({ down: 'Shift' });
    await sendKeys({ press: 'Tab' });
    await sendKeys({ up: 'Shift' });
    await sendKeys({ press: 'Enter' });
    await reached(element, 'idle');
    expect(focused(element)).to.equal('Turn on camera and microphone');
  });

  it('hand the focus to the first button when the capture ends by itself', async () => {
    const { stream, end } = await endingPicture();
    const element = await producer();
    element.srcObject = stream;
    await element.updateComplete;
    part(element, 'pause-button')!.focus();
    await end();
    await reached(element, 'ended');
    expect(element.shadowRoot!.activeElement).to.equal(part(element, 'start-button'));
    expect(document.activeElement).to.equal(element);
  });

  it('work by mouse', async () => {
    const element = await producer();
    await click(button(element, 'Turn on camera and microphone')!);
    await reached(element, 'live');
    await click(button(element, 'Pause')!);
    await reached(element, 'paused');
    await click(button(element, 'Stop')!);
    await reached(element, 'idle');
  });

  it('are there for buttons of the page, without script', async () => {
    if (!('commandForElement' in HTMLButtonElement.prototype)) throw new Error('This browser has no invoker commands.');
    const commands = ['start', 'pause', 'resume', 'stop'];
    const buttons = commands.map((name) => `<button commandfor="p" command="--${name}">${name}</button>`);
    const element = await producer(`<media-producer id="p" no-controls></media-producer>${buttons.join('')}`);
    const press = (name: string) => click(element.parentElement!.querySelector(`[command="--${name}"]`)!);
    expect(part(element, 'controls')).to.equal(null);
    await press('start');
    await reached(element, 'live');
    await press('pause');
    await reached(element, 'paused');
    await press('resume');
    await reached(element, 'live');
    await press('stop');
    await reached(element, 'idle');
  });

  it('give way to those of the page', async () => {
    const element = await producer('<media-producer><button slot="controls">Mine</button></media-producer>');
    expect(button(element, 'Turn on camera and microphone')!.checkVisibility()).to.equal(false);
    expect(element.querySelector('button')!.checkVisibility()).to.equal(true);
  });

  it('share a screen with a click, and say why it does not go without one', async () => {
    const element = await producer('<media-producer video="screen" audio="none"></media-producer>');
    const devices = navigator.mediaDevices;
    const real = devices.getDisplayMedia.bind(devices);
    const active: boolean[] = [];
    devices.getDisplayMedia = () => {
      active.push(navigator.userActivation.isActive);
      return active.length === 1
        ? Promise.reject(new DOMException('no transient activation', 'InvalidStateError'))
        : Promise.reject(new DOMException('Permission denied by user', 'NotAllowedError'));
    };
    await element.start().catch(() => {});
    await element.updateComplete;
    expect(part(element, 'error')!.textContent).to.contain('starts only with a click');
    await click(button(element, 'Try again')!);
    await waitUntil(() => element.error?.code === 'dismissed', 'the picker was closed');
    devices.getDisplayMedia = real;
    expect(active[1], 'the gesture still holds when the screen is asked for').to.equal(true);
  });

  it('are as large as a finger, and named where there is room for marks only', async () => {
    const element = await producer();
    element.style.inlineSize = '240px';
    await element.start();
    await element.updateComplete;
    for (const name of ['Stop', 'Pause']) {
      const one = button(element, name)!;
      const { width, height } = one.getBoundingClientRect();
      expect(Math.min(width, height)).to.be.at.least(44);
      expect(one.querySelector('.label')!.getBoundingClientRect().width).to.be.at.most(1);
    }
    const one = button(element, 'Pause')!;
    one.focus({ focusVisible: true });
    const tip = one.querySelector('.tip')!;
    await waitUntil(() => getComputedStyle(tip).visibility === 'visible', 'the tooltip');
  });
});

describe('the look of media-producer', () => {
  const STATES: Record<string, (element: OaMediaProducer) => unknown> = {
    idle: () => {},
    live: (element) => element.start(),
    paused: (element) => element.start().then(() => element.pause()),
    failed: (element) => {
      const asked = answerWith(() => Promise.reject(new DOMException('', 'NotFoundError')));
      return element.start().then(asked.restore, asked.restore);
    },
  };
  const MARKUP = ['<media-producer></media-producer>', '<media-producer no-preview></media-producer>'];

  for (const [state, reach] of Object.entries(STATES)) {
    for (const markup of MARKUP) {
      it(`is accessible when ${state}, light and dark: ${markup}`, async () => {
        const element = await producer(markup);
        await reach(element);
        await reached(element, state);
        for (const scheme of ['light', 'dark']) {
          element.style.colorScheme = scheme;
          element.style.backgroundColor = 'Canvas';
          await still(element);
          const { violations } = await axe.run(element, { resultTypes: ['violations'] });
          expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join()}`)).to.deep.equal([]);
        }
      });

      it(`fits into 240 px with text at 200 % when ${state}: ${markup}`, async () => {
        const element = await producer(markup);
        await reach(element);
        await reached(element, state);
        for (const size of ['100%', '200%']) {
          document.documentElement.style.fontSize = size;
          element.style.inlineSize = '240px';
          await nextFrame();
          const box = element.getBoundingClientRect();
          for (const inner of element.shadowRoot!.querySelectorAll('p:not(.unseen), button, .status, .frame')) {
            const { left, right } = inner.getBoundingClientRect();
            expect(left, inner.outerHTML).to.be.at.least(box.left - 0.5);
            expect(right, inner.outerHTML).to.be.at.most(box.right + 0.5);
          }
        }
        document.documentElement.style.fontSize = '';
      });
    }
  }

  it('has a width where nobody gives it one', async () => {
    await setViewport({ width: 800, height: 600 });
    const element = await producer();
    element.parentElement!.style.display = 'flex';
    expect(element.getBoundingClientRect().width).to.be.greaterThan(200);
  });
});
