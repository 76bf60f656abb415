import { expect, oneEvent } from '@open-wc/testing';
import {
  announced,
  button,
  context,
  coverOf,
  level,
  loud,
  place,
  reached,
  shown,
  soundFile,
  tidy,
  tone,
  type OaAudioLevel,
} from './audio-level-support.js';
import { waitUntil } from './wait.js';

afterEach(tidy);

describe('audio-level, before it is defined', () => {
  // Once for this page: what is defined stays defined.
  it('takes the stream that it was given', async () => {
    const element = place('<audio-level></audio-level>').querySelector<OaAudioLevel>('audio-level')!;
    expect(customElements.get('audio-level') === undefined, 'not defined yet').to.equal(true);
    const { stream } = tone();
    element.srcObject = stream;
    await import('../../dist/define/audio-level.js');
    await loud(element);
    expect([element.srcObject === stream, Object.hasOwn(element, 'srcObject')]).to.deep.equal([true, false]);
    element.srcObject = null;
    await reached(element, 'ended');
  });
});

describe('audio-level, when something changes', () => {
  it('takes what is no sound for none', async () => {
    const element = await level();
    for (const nonsense of ['/song.ogg', 7, {}, document.body]) {
      Object.assign(element, { srcObject: nonsense });
      element.connectNode(nonsense as unknown as AudioNode);
      await element.updateComplete;
      expect([element.srcObject, element.state, element.error]).to.deep.equal([null, 'idle', null]);
    }
    element.srcObject = tone().stream;
    await loud(element);
  });

  it('says the same again so that it is heard again', async () => {
    const element = await level();
    element.srcObject = tone().stream;
    await loud(element);
    const region = element.shadowRoot!.querySelector('[role="status"]')!;
    for (let times = 0; times < 3; times++) {
      const added: string[] = [];
      const observer = new MutationObserver((records) => {
        for (const { addedNodes } of records) for (const { textContent } of addedNodes) added.push(textContent!);
      });
      observer.observe(region, { childList: true });
      button(element, 'Reset')!.click();
      await waitUntil(() => added.length > 0, `it is told, ${times + 1}`);
      expect([added, announced(element)]).to.deep.equal([['Audio level: reset.'], 'Audio level: reset.']);
      observer.disconnect();
    }
  });

  it('keeps what was counted when loudness is shown, too', async () => {
    const element = await level();
    const { stream, gain } = tone(1.2);
    element.srcObject = stream;
    // RMS is of a while: of two milliseconds of clipping behind silence it is as low as of the lower tone.
    await waitUntil(() => element.levels?.channels.every(({ rms }) => rms > -6), 'a window full of clipping');
    gain.value = 0.1;
    await waitUntil(() => element.levels?.channels.every(({ rms }) => rms < -20), 'a lower tone');
    const { clips, maxPeak, time } = element.levels!;
    expect(clips).to.be.above(20);
    const states: string[] = [];
    element.addEventListener('oa-statechange', ({ state }) => states.push(state));
    element.pause();
    element.mode = 'loudness';
    await waitUntil(() => element.levels?.loudness, 'loudness');
    expect(element.levels).to.include({ clips, maxPeak });
    expect(element.levels!.time).to.be.above(time);
    expect(element.levels!.loudness!.paused, 'a pause that came before holds').to.equal(true);
    element.resume();
    await waitUntil(() => element.levels!.loudness!.measured > 0.1, 'it is integrated');
    expect([element.matches(':state(clipped)'), states]).to.deep.equal([true, []]);
  });

  it('is over when the page closes the context of its node', async () => {
    const element = await level();
    const own = context();
    const source = new ConstantSourceNode(own, { offset: 0.5 });
    source.start();
    element.connectNode(source);
    await loud(element);
    await own.close();
    await reached(element, 'ended');
    await element.updateComplete;
    expect(announced(element)).to.equal('Audio level: the sound has ended.');
    expect(button(element, 'Let the sound in') === undefined).to.equal(true);
  });

  it('lets nothing go unhandled where a context cannot be resumed', async () => {
    const rejected: unknown[] = [];
    const listen = (event: PromiseRejectionEvent) => rejected.push(event.reason);
    window.addEventListener('unhandledrejection', listen);
    const own = context();
    await own.suspend();
    own.resume = () => Promise.reject(new DOMException('no', 'InvalidStateError'));
    const element = await level();
    element.connectNode(new ConstantSourceNode(own));
    await reached(element, 'suspended');
    await element.updateComplete;
    button(element, 'Let the sound in')!.click();
    // Told at the end of the task, before what comes in another.
    const { port1, port2 } = new MessageChannel();
    port1.start();
    for (let task = 0; task < 3; task++) {
      const over = oneEvent(port1, 'message');
      port2.postMessage(null);
      await over;
    }
    window.removeEventListener('unhandledrejection', listen);
    expect(rejected).to.deep.equal([]);
  });

  it('meters the media element that a page puts in the place of the one that `for` names', async () => {
    const root = place('<audio id="song" loop></audio><audio-level for="song"></audio-level>');
    const element = root.querySelector<OaAudioLevel>('audio-level')!;
    const [old, next] = [root.querySelector('audio')!, document.createElement('audio')];
    old.src = soundFile(2, 0.5);
    await old.play();
    await loud(element);
    Object.assign(next, { id: 'song', loop: true, src: soundFile(2, 0.05) });
    old.replaceWith(next);
    await next.play();
    await waitUntil(() => element.levels?.channels.some(({ rms }) => rms < -25 && rms > -35), 'the other');
  });

  it('says once that it cannot measure, whatever else changes, and tries again when it is asked', async () => {
    await import('../../dist/define/media-producer.js');
    const root = place('<media-producer video="none"></media-producer>');
    const producer = root.querySelector('media-producer')!;
    await producer.start();
    const { AudioContext: Real } = window;
    let tried = 0;
    window.AudioContext = class extends Real {
      constructor(options?: AudioContextOptions) {
        tried++;
        super(options);
        void this.close();
        throw new DOMException('none', 'NotSupportedError');
      }
    };
    try {
      const faults: Event[] = [];
      root.addEventListener('oa-error', (event) => faults.push(event));
      producer.insertAdjacentHTML('beforeend', '<audio-level mode="loudness"></audio-level>');
      const element = root.querySelector<OaAudioLevel>('audio-level')!;
      await reached(element, 'failed');
      for (let times = 0; times < 3; times++) {
        producer.pause();
        await element.updateComplete;
        producer.resume();
        element.mode = times % 2 ? 'loudness' : 'peak';
        await element.updateComplete;
      }
      expect([faults.length, tried, element.error!.code]).to.deep.equal([1, 1, 'unsupported']);
      window.AudioContext = Real;
      element.reset();
      await loud(element);
      expect([faults.length, element.error]).to.deep.equal([1, null]);
    } finally {
      window.AudioContext = Real;
    }
  });

  it('has the colours of the page when it is displayed again', async () => {
    const element = await level();
    const color = async (rgb: string) => {
      element.style.setProperty('--oa-level-track', `rgb(${rgb})`);
      await waitUntil(() => coverOf(element).at(-1)?.slice(0, 3).join() === rgb, rgb);
    };
    element.srcObject = tone().stream;
    await loud(element);
    await shown(element);
    await color('1,2,3');
    element.style.display = 'none';
    await new Promise<void>((resolve) => {
      new IntersectionObserver((entries, observer) => {
        if (entries.at(-1)!.isIntersecting) return;
        observer.disconnect();
        resolve();
      }).observe(element);
    });
    element.style.setProperty('--oa-level-track', 'rgb(9,8,7)');
    expect(element.getBoundingClientRect().height).to.equal(0);
    element.style.display = '';
    await color('9,8,7');
  });
});
