import { expect, oneEvent } from '@open-wc/testing';
import '../../dist/define/audio-level.js';
import {
  announced,
  context,
  level,
  loud,
  part,
  place,
  reached,
  rmsOf,
  soundFile,
  textOf,
  tidy,
  timeOf,
  tone,
  type OaAudioLevel,
} from './audio-level-support.js';
import { waitUntil } from './wait.js';

/** The same server under another name is another origin. */
const elsewhere = (path: string): string => {
  const url = new URL(path, import.meta.url);
  url.hostname = url.hostname === 'localhost' ? '127.0.0.1' : 'localhost';
  return url.href;
};
const FIXTURE = '../fixtures/mediarecorder-chromium-vp8-opus.webm';

afterEach(tidy);

async function metered(markup: string): Promise<{ media: HTMLMediaElement; element: OaAudioLevel }> {
  const root = place(`${markup}<audio-level for="media"></audio-level>`);
  const element = root.querySelector<OaAudioLevel>('audio-level')!;
  await element.updateComplete;
  return { media: root.querySelector<HTMLMediaElement>('#media')!, element };
}

describe('audio-level of a media element', () => {
  it('meters what it plays, and plays it on', async () => {
    const { media, element } = await metered('<audio id="media" loop></audio>');
    await waitUntil(() => part(element, 'hint'), 'a hint');
    expect(textOf(part(element, 'hint')!)).to.match(/^The level is shown as soon as there is something to play/);
    media.src = soundFile(2, 0.5);
    await media.play();
    await reached(element, 'running');
    await loud(element);
    await waitUntil(() => rmsOf(element) > -9.5, 'all of the tone');
    expect(rmsOf(element)).to.be.closeTo(-9, 0.5);
    expect(element.error).to.equal(null);
    const { currentTime } = media;
    await waitUntil(() => media.currentTime !== currentTime, 'it plays on');
    expect([media.paused, media.muted, media.volume]).to.deep.equal([false, false, 1]);
  });

  it('meters it before its volume and its mute', async () => {
    const { media, element } = await metered('<audio id="media" loop></audio>');
    media.src = soundFile(2, 0.5);
    media.volume = 0.1;
    await media.play();
    await waitUntil(() => rmsOf(element) > -9.5, 'all of the tone');
    media.muted = true;
    const { time } = element.levels!;
    await waitUntil(() => timeOf(element) > time + 0.5, 'more');
    expect(rmsOf(element)).to.be.closeTo(-9, 0.5);
  });

  it('meters it twice, and again after it was moved', async () => {
    const { media, element } = await metered('<audio id="media" loop></audio>');
    const twin = place('<audio-level for="media" mode="loudness"></audio-level>').querySelector<OaAudioLevel>(
      'audio-level',
    )!;
    media.src = soundFile(2, 0.5);
    await media.play();
    await Promise.all([loud(element), loud(twin)]);
    place('').append(element);
    await loud(element);
    element.remove();
    await reached(element, 'idle');
    media.parentElement!.append(element);
    await reached(element, 'running');
    await loud(element);
    expect([element.error, twin.error]).to.deep.equal([null, null]);
  });

  it('finds one that comes later, and meters another file in it', async () => {
    const root = place('<audio-level for="late"></audio-level>');
    const element = root.querySelector<OaAudioLevel>('audio-level')!;
    await element.updateComplete;
    expect(element.state).to.equal('idle');
    const media = document.createElement('audio');
    media.id = 'late';
    media.loop = true;
    media.src = soundFile(2, 0.5);
    root.append(media);
    await media.play();
    await loud(element);
    media.src = soundFile(2, 0.05);
    await media.play();
    await waitUntil(() => element.levels?.channels.some(({ rms }) => rms < -25 && rms > -35), 'the other file');
  });

  it('meters again what has ended and is played again', async () => {
    const { media, element } = await metered('<audio id="media"></audio>');
    media.src = soundFile(1, 0.5);
    await media.play();
    await loud(element);
    await waitUntil(() => media.ended, 'the end');
    await reached(element, 'ended');
    const { time } = element.levels!;
    await media.play();
    await waitUntil(() => timeOf(element) > time + 0.5 && rmsOf(element) > -40, 'it is heard again');
  });

  it('meters the stream that one shows', async () => {
    const { media, element } = await metered('<video id="media" muted></video>');
    media.srcObject = tone(0.5).stream;
    await media.play();
    await reached(element, 'running');
    await loud(element);
  });

  it('says nothing of a silence while it is paused', async () => {
    const { media, element } = await metered('<audio id="media" loop></audio>');
    let silences = 0;
    element.addEventListener('oa-silence', () => silences++);
    media.src = soundFile(2, 0.5);
    await media.play();
    await loud(element);
    media.pause();
    const { time } = element.levels!;
    await waitUntil(() => element.levels!.time > time + 3.5, 'more than a silence takes', { timeout: 15_000 });
    await media.play();
    await loud(element);
    expect([silences, element.matches(':state(silent)')]).to.deep.equal([0, false]);
  });

  it('says that media of another origin gives only silence, and leaves it alone', async () => {
    const { media, element } = await metered('<video id="media" muted loop></video>');
    const heard = oneEvent(element.parentElement!, 'oa-error');
    media.src = elsewhere(FIXTURE);
    await media.play();
    await heard;
    expect(element.state).to.equal('failed');
    expect(element.error!.code).to.equal('no-media');
    await element.updateComplete;
    expect(textOf(part(element, 'error')!)).to.match(
      /^The sound of this media cannot be measured: it comes from another site/,
    );
    expect(announced(element)).to.equal(element.error!.message);
    const { currentTime } = media;
    await waitUntil(() => media.currentTime !== currentTime, 'it plays on');
    media.muted = true;
    media.src = soundFile(2, 0.5);
    await media.play();
    await loud(element);
    expect(element.error, 'its own media, in the same element, is metered').to.equal(null);
  });

  it('says so of media that a redirection has brought from there, or, where nothing tells that, of the silence', async () => {
    const { media, element } = await metered('<video id="media" muted loop></video>');
    const told = navigator.userAgent.includes('Firefox/') ? 'oa-silence' : 'oa-error';
    const heard = oneEvent(element.parentElement!, told);
    media.src = new URL(`${FIXTURE}?away`, import.meta.url).href;
    await media.play();
    await heard;
    if (told === 'oa-error') expect([element.state, element.error!.code]).to.deep.equal(['failed', 'no-media']);
    else expect(element.matches(':state(silent)')).to.equal(true);
    media.src = soundFile(2, 0.5);
    await media.play();
    await loud(element);
    expect(element.error, 'its own media, in the same element, is metered').to.equal(null);
  });

  it('goes on with another file, and keeps nothing of the one before but what was measured', async () => {
    const { media, element } = await metered('<audio id="media" loop></audio>');
    const streams: MediaStream[] = [];
    const { captureStream } = media as HTMLMediaElement & { captureStream(): MediaStream };
    const capture = () => {
      streams.push(captureStream.call(media));
      return streams.at(-1)!;
    };
    Object.assign(media, { captureStream: capture });
    element.mode = 'loudness';
    const states: string[] = [];
    element.addEventListener('oa-statechange', ({ state }) => states.push(state));
    for (const amplitude of [0.5, 0.05, 0.4]) {
      const { time, loudness } = element.levels ?? { time: 0, loudness: null };
      media.src = soundFile(2, amplitude);
      await media.play();
      const level = 20 * Math.log10(amplitude) - 3;
      await waitUntil(() => timeOf(element) > time + 0.5 && Math.abs(rmsOf(element) - level) < 1, `${level} dB`);
      expect(element.levels!.loudness!.measured).to.be.above(loudness?.measured ?? 0);
    }
    const tracks = streams.map((stream) => stream.getTracks().length);
    expect(tracks).to.deep.equal([1]);
    expect(states.slice(states.indexOf('running'))).to.not.include('starting');
    expect(element.error).to.equal(null);
  });

  it('says that the browser keeps the sound of protected media to itself, until another file comes', async () => {
    const { media, element } = await metered('<audio id="media" loop></audio>');
    const captureStream = () => {
      throw new DOMException('Stream capture not supported with EME', 'NotSupportedError');
    };
    Object.assign(media, { captureStream });
    media.src = soundFile(2, 0.5);
    await media.play();
    await reached(element, 'failed');
    expect(element.error!.code).to.equal('unsupported');
    expect(element.error!.message).to.match(/^The sound of this media cannot be measured: the browser protects it/);
    delete (media as { captureStream?: unknown }).captureStream;
    media.src = soundFile(2, 0.5);
    await media.play();
    await loud(element);
    expect(element.error).to.equal(null);
  });

  it('meters media of another origin that shares it with this one', async () => {
    const { media, element } = await metered('<video id="media" crossorigin muted loop></video>');
    media.src = elsewhere(`${FIXTURE}?shared`);
    await media.play();
    await loud(element);
    expect(element.error).to.equal(null);
  });
});

describe('audio-level of a media element that cannot be captured', () => {
  const { captureStream } = HTMLMediaElement.prototype as { captureStream?: unknown };
  before(() => {
    delete (HTMLMediaElement.prototype as { captureStream?: unknown }).captureStream;
  });
  after(() => {
    if (captureStream) Object.assign(HTMLMediaElement.prototype, { captureStream });
  });

  it('leads its sound through an AudioContext that runs, for all who meter it', async () => {
    const { media, element } = await metered('<audio id="media" loop></audio>');
    const twin = place('<audio-level></audio-level>').querySelector<OaAudioLevel>('audio-level')!;
    media.parentElement!.append(twin);
    twin.htmlFor = 'media';
    media.src = soundFile(2, 0.5);
    await media.play();
    await Promise.all([loud(element), loud(twin)]);
    await waitUntil(() => rmsOf(element) > -9.5, 'all of the tone');
    expect(rmsOf(element)).to.be.closeTo(-9, 0.5);
    element.remove();
    twin.remove();
    await reached(element, 'idle');
    const { currentTime } = media;
    await waitUntil(() => media.currentTime !== currentTime, 'it plays on');
    media.parentElement!.append(element);
    await loud(element);
    expect(element.error).to.equal(null);
  });

  it('says that it cannot be measured where there is no AudioContext either', async () => {
    const Real = window.AudioContext;
    delete (window as { AudioContext?: unknown }).AudioContext;
    try {
      const { media, element } = await metered('<audio id="media" loop></audio>');
      media.src = soundFile(2, 0.5);
      await media.play();
      await reached(element, 'failed');
      expect(element.error!.code).to.equal('unsupported');
    } finally {
      window.AudioContext = Real;
    }
  });

  it('keeps what it leads it through running, also when nobody meters it any more', async () => {
    const { AudioContext: Real } = window;
    const made: AudioContext[] = [];
    window.AudioContext = class extends Real {
      constructor(options?: AudioContextOptions) {
        super(options);
        made.push(this);
      }
    };
    try {
      const { media, element } = await metered('<audio id="media" loop></audio>');
      media.src = soundFile(2, 0.5);
      await media.play();
      await loud(element);
      const [context] = made;
      element.remove();
      await reached(element, 'idle');
      for (let times = 0; times < 2; times++) {
        const told = oneEvent(context!, 'statechange');
        await context!.suspend();
        await told;
        document.body.click();
        await waitUntil(() => context!.state === 'running', `it is let in, ${times + 1}`);
      }
      const { currentTime } = media;
      await waitUntil(() => media.currentTime !== currentTime, 'it plays on');
      expect(made.length).to.equal(1);
    } finally {
      window.AudioContext = Real;
    }
  });

  it('meters it after its volume and its mute', async () => {
    const { media, element } = await metered('<audio id="media" loop></audio>');
    media.src = soundFile(2, 0.5);
    media.volume = 0.1;
    await media.play();
    await waitUntil(() => rmsOf(element) > -29.5, 'all of the tone');
    expect(rmsOf(element)).to.be.closeTo(-29, 0.5);
    media.volume = 1;
    await waitUntil(() => rmsOf(element) > -9.5, 'all of the volume');
    let silences = 0;
    element.addEventListener('oa-silence', () => silences++);
    media.muted = true;
    await waitUntil(() => element.levels!.silent, 'nothing but zeros');
    expect([silences, element.matches(':state(silent)')], 'for a reason').to.deep.equal([0, false]);
  });

  it('leaves it alone as long as the browser holds sound back', async () => {
    const { AudioContext: Real } = window;
    const made: AudioContext[] = [];
    let allowed = false;
    window.AudioContext = class extends Real {
      constructor(options?: AudioContextOptions) {
        super(options);
        made.push(this);
        void super.suspend();
      }
      override resume(): Promise<void> {
        return allowed ? super.resume() : super.suspend();
      }
    };
    try {
      const { media, element } = await metered('<audio id="media" loop></audio>');
      media.src = soundFile(2, 0.5);
      await media.play();
      await reached(element, 'suspended');
      element.remove();
      await waitUntil(() => made.every(({ state }) => state === 'closed'), 'it is given up');
      media.parentElement!.append(element);
      await reached(element, 'suspended');
      allowed = true;
      document.body.click();
      await loud(element);
    } finally {
      window.AudioContext = Real;
    }
  });

  // Firefox routes an element as often as it is asked to.
  if (navigator.userAgent.includes('Chrome/'))
    it('says that the page has taken the sound already, where that is so', async () => {
      const { media, element } = await metered('<audio id="media" loop></audio>');
      const node = new MediaElementAudioSourceNode(context(), { mediaElement: media });
      media.src = soundFile(2, 0.5);
      await media.play();
      await reached(element, 'failed');
      expect(element.error!.code).to.equal('invalid-state');
      element.connectNode(node);
      await reached(element, 'running');
      await loud(element);
    });
});

describe('audio-level where it may be', () => {
  it('works in a shadow root, with a media element of the same root', async () => {
    const host = place('<section></section>').querySelector('section')!;
    const root = host.attachShadow({ mode: 'open' });
    root.innerHTML = '<audio id="media" loop></audio><audio-level for="media"></audio-level>';
    const media = root.querySelector('audio')!;
    media.src = soundFile(2, 0.5);
    await media.play();
    await loud(root.querySelector<OaAudioLevel>('audio-level')!);
    let clips = 0;
    document.addEventListener('oa-clip', () => clips++, { once: true });
    const element = root.querySelector<OaAudioLevel>('audio-level')!;
    element.srcObject = tone(1.3).stream;
    await waitUntil(() => clips > 0, 'a clip is told outside');
    media.pause();
    await level();
  });

  it('works on a page whose policy allows nothing but its own files', async () => {
    const frame = document.createElement('iframe');
    frame.src = new URL('audio-level-csp.html', import.meta.url).href;
    const violations: string[] = [];
    place('').append(frame);
    await oneEvent(frame, 'load');
    const inside = frame.contentWindow as unknown as Window & typeof globalThis;
    inside.document.addEventListener('securitypolicyviolation', (event) => violations.push(event.violatedDirective));
    inside.console.error = inside.console.warn = (...args: unknown[]) => violations.push(args.join(' '));
    await inside.customElements.whenDefined('audio-level');
    const element = inside.document.querySelector<OaAudioLevel>('audio-level')!;
    const own = new inside.AudioContext();
    const source = new inside.ConstantSourceNode(own, { offset: 0.5 });
    source.start();
    element.mode = 'loudness';
    element.connectNode(source);
    await loud(element);
    await waitUntil(() => element.shadowRoot!.querySelector('.number')!.textContent !== '–', 'values are drawn');
    expect(element.error).to.equal(null);
    expect(element.levels!.loudness === null).to.equal(false);
    expect(inside.getComputedStyle(part(element, 'frame')!).display).to.equal('grid');
    const tick = element.shadowRoot!.querySelectorAll<HTMLElement>('.tick')[3]!;
    expect(inside.getComputedStyle(tick).left, 'what scripts put in place is in place').to.not.equal('0px');
    await own.close();
    expect(violations).to.deep.equal([]);
  });
});
