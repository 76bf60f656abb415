import { aTimeout, expect } from '@open-wc/testing';
import '../../dist/define/media-producer.js';
import { streamPool } from '../../dist/core/capture/index.js';
import { answerWith, part, producer, reached, tidy } from './media-producer-support.js';
import { waitUntil } from './wait.js';

afterEach(tidy);

describe('a media-producer on a page that goes away', () => {
  let opened: MediaStream[];
  let asked: ReturnType<typeof answerWith>;
  let gate: Promise<void>;

  beforeEach(() => {
    // What a test before has kept warm.
    streamPool().clear();
    opened = [];
    gate = Promise.resolve();
    asked = answerWith(async (real) => {
      await gate;
      const stream = await real();
      opened.push(stream);
      return stream;
    });
  });
  afterEach(() => asked.restore());

  const goAway = () => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
  const states = () => opened.flatMap((stream) => stream.getTracks()).map(({ readyState }) => readyState);

  it('lets go of every device while it is live, and starts again when the page is back', async () => {
    const element = await producer('<media-producer keep-warm="60"></media-producer>');
    await element.start();
    const own = element.stream!.getTracks();
    goAway();
    expect(states()).to.deep.equal(['ended', 'ended']);
    expect(own.map(({ readyState }) => readyState)).to.deep.equal(['ended', 'ended']);
    expect(element.state).to.equal('idle');
    expect(streamPool().store.get().streams.length).to.equal(0);
    await element.start();
    expect(element.state).to.equal('live');
    expect(asked.count).to.equal(2);
  });

  it('lets go of what is granted after that where it was being asked for', async () => {
    let grant!: () => void;
    gate = new Promise((resolve) => (grant = resolve));
    const element = await producer();
    const started = element.start().then(
      () => 'live',
      (error: { code: string }) => error.code,
    );
    await waitUntil(() => asked.count === 1, 'the question');
    goAway();
    expect(await started).to.equal('aborted');
    grant();
    await waitUntil(() => opened.length === 1, 'the answer');
    await waitUntil(() => states().every((state) => state === 'ended'), 'the end of its tracks');
    expect(states().length).to.equal(2);
    expect(element.stream).to.equal(null);
    expect(streamPool().store.get().streams.length).to.equal(0);
  });
});

describe('the stage of a media-producer', () => {
  it('takes the shape of the picture, also when that is turned', async () => {
    const element = await producer();
    const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 240 });
    const context = canvas.getContext('2d')!;
    const timer = setInterval(() => {
      context.fillStyle = context.fillStyle === '#000000' ? '#fff' : '#000';
      context.fillRect(0, 0, canvas.width, canvas.height);
    }, 50);
    element.srcObject = canvas.captureStream(20);
    await reached(element, 'live');
    const preview = part<HTMLVideoElement>(element, 'preview')!;
    const ratio = () => preview.closest<HTMLElement>('.stage')!.style.getPropertyValue('--_ratio');
    await waitUntil(() => Number(ratio()) === 320 / 240, 'a landscape');
    Object.assign(canvas, { width: 240, height: 320 });
    await waitUntil(() => Number(ratio()) === 240 / 320, 'a portrait');
    clearInterval(timer);
    element.srcObject = null;
  });
});

/** Milliseconds after which a camera is off that nobody has a use for: in Firefox, where no event tells of it. */
const OFF = navigator.userAgent.includes('Firefox/') ? 3500 : 0;

describe('a media-producer that is started again', () => {
  it('shows pictures of a camera that was kept for it, also when that was switched off meanwhile', async () => {
    const element = await producer('<media-producer keep-warm="60"></media-producer>');
    const video = part<HTMLVideoElement>(element, 'preview')!;
    const shown = () => new Promise((resolve) => video.requestVideoFrameCallback(resolve));
    await element.start();
    await shown();
    element.stop();
    await aTimeout(OFF);
    await element.start();
    await shown();
    element.stop();
    streamPool().clear();
  });
});
