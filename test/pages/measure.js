/** What measurements read of a page, and do to it. Seconds, where nothing else is said. */
const producer = () => document.querySelector('media-producer');
const preview = () => producer().shadowRoot.querySelector('video');
/** What the stages of the producer count and time: `MediaProducer.metrics`. */
const registry = () => producer()[Symbol.for('onair/core-producer@1')].metrics;
let since;

export function measureFrom() {
  since = registry().state();
}
/** Counters, and histograms as count, mean, p50, p95, p99 and max, since then. */
export const measured = () => registry().snapshot(since);

/** Resolves when the preview presents a picture. @throws where it has none within ten seconds */
function picture() {
  const video = preview();
  return new Promise((resolve, reject) => {
    const { state } = producer();
    const tell = () => {
      const { isConnected, hidden, paused, readyState, currentTime, srcObject } = video;
      const { visibilityState } = document;
      const is = { visibilityState, same: video === preview(), isConnected, hidden, paused, readyState, currentTime };
      const tracks = srcObject?.getTracks().map(({ kind, readyState, muted }) => ({ kind, readyState, muted }));
      reject(new Error(`No picture: ${JSON.stringify({ before: state, state: producer().state, ...is, tracks })}`));
    };
    const late = setTimeout(tell, 10_000);
    video.requestVideoFrameCallback(() => {
      clearTimeout(late);
      resolve();
    });
  });
}

/** Starts the producer; how long it took until it was live, and until its preview showed a picture. */
export async function timedStart() {
  const began = performance.now();
  const passed = () => (performance.now() - began) / 1000;
  const shown = picture().then(passed);
  await producer().start();
  return { live: passed(), shown: await shown };
}

/** What a broadcast has encoded so far, in how much time, and how long it takes to the server and back. */
export async function sending() {
  const { connection } = producer()[Symbol.for('onair/core-producer@1')].store.get();
  const stats = [...(await connection.getStats()).values()].filter(({ kind }) => kind === 'video');
  const of = (type) => stats.find((one) => one.type === type);
  const { framesEncoded: encoded, totalEncodeTime: encodeTime } = of('outbound-rtp');
  return { encoded, encodeTime, roundTrip: of('remote-inbound-rtp')?.roundTripTime ?? null };
}

/** When the preview presents pictures, for some seconds. */
export function presented(seconds) {
  const until = performance.now() + seconds * 1000;
  const video = preview();
  const times = [];
  return new Promise((resolve) => {
    const each = (now) => {
      times.push(now / 1000);
      if (now < until) video.requestVideoFrameCallback(each);
      else resolve(times);
    };
    video.requestVideoFrameCallback(each);
  });
}

/** Blocks the page for this share of each half second, for some seconds. */
export function blockedFor(seconds, share) {
  const until = performance.now() + seconds * 1000;
  return new Promise((resolve) => {
    const turn = () => {
      const end = performance.now() + 500 * share;
      while (performance.now() < end);
      if (end < until) setTimeout(turn, 500 * (1 - share));
      else resolve();
    };
    turn();
  });
}

export const heapUsed = () => performance.memory?.usedJSHeapSize ?? null;
