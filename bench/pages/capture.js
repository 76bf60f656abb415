import { StreamPool } from '/dist/core/capture/index.js';
import { FrameProcessor } from '/dist/core/frames/index.js';

const devices = navigator.mediaDevices;
const real = devices.getUserMedia.bind(devices);
let calls = 0;
devices.getUserMedia = (constraints) => {
  calls++;
  return real(constraints);
};

/** Milliseconds of `performance.now` at which a video first shows a picture. */
const firstFrame = (video) =>
  new Promise((resolve) => video.requestVideoFrameCallback(() => resolve(performance.now())));

async function plain({ width, height, rate }) {
  const video = Object.assign(document.createElement('video'), { muted: true, autoplay: true, playsInline: true });
  document.body.append(video);
  const shown = firstFrame(video);
  const began = performance.now();
  video.srcObject = await navigator.mediaDevices.getUserMedia({
    video: { width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: rate } },
    audio: true,
  });
  return (await shown) - began;
}

async function producer({ width, height, rate }) {
  const element = document.createElement('media-producer');
  Object.assign(element, { width, height, frameRate: rate, keepWarm: 60 });
  document.body.append(element);
  await element.updateComplete;
  return element;
}

async function started(element) {
  const shown = firstFrame(element.shadowRoot.querySelector('video'));
  const began = performance.now();
  await element.start();
  return (await shown) - began;
}

const ways = {
  plain,
  first: async (setup) => started(await producer(setup)),
  async pooled(setup) {
    const element = await producer(setup);
    await started(element);
    element.stop();
    await element.updateComplete;
    calls = 0;
    return started(element);
  },
  /** Another producer of the same camera, while the first one is live. */
  async shared(setup) {
    await started(await producer(setup));
    const other = await producer(setup);
    calls = 0;
    return started(other);
  },
};

/** What Node calls. */
globalThis.capture = {
  /** Milliseconds from the call of start until the first picture is shown, and calls of getUserMedia in them. */
  async start(way, setup) {
    const took = await ways[way](setup);
    return { took, calls };
  },

  leases: [],
  pool: new StreamPool(),
  /** Takes so many leases of one stream, each with clones of its own, as a producer does. */
  async lease(count, { width, height, rate }) {
    const config = { video: 'camera', audio: ['microphone'], width, height, frameRate: rate };
    for (let i = 0; i < count; i++) {
      const lease = await this.pool.acquire(config);
      lease.clone();
      this.leases.push(lease);
    }
  },

  /** Microseconds that FrameProcessor takes to decide about a frame: a camera that jitters, of which half is taken. */
  decide(frames) {
    const processor = new FrameProcessor({ frameRate: 30, maxQueue: 8, deadline: 1 });
    const began = performance.now();
    for (let i = 0; i < frames; i++) processor.decide((i + (i % 7) / 20) / 60, i % 3, 0.01);
    const took = ((performance.now() - began) * 1000) / frames;
    const { taken, rate, arrived } = processor.counts;
    if (taken + rate !== arrived || Math.abs(taken / arrived - 0.5) > 0.01)
      throw new Error(`It took ${taken} of ${arrived}.`);
    return took;
  },
};
