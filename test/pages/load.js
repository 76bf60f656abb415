let burning = [];

/** Keeps `count` processors busy until `cool()`; answers when it began (milliseconds since the epoch). */
export function burn(count = navigator.hardwareConcurrency) {
  const make = () => new Worker(new URL('burn.worker.js', import.meta.url));
  burning = [...burning, ...Array.from({ length: count }, make)];
  return Date.now();
}

export function cool() {
  for (const worker of burning) worker.terminate();
  burning = [];
  return Date.now();
}

const heard = [];
addEventListener(
  'oa-qualitychange',
  ({ level, previous, cause }) => heard.push({ at: Date.now(), level, previous, cause }),
  true,
);

/** Every move of a producer to another quality, in order. */
export const moves = () => heard;

/** What all workers of takes have counted, by name. */
const counters = {};
export const counted = () => counters;

globalThis.Worker = class extends Worker {
  constructor(...how) {
    super(...how);
    this.addEventListener('message', ({ data }) => {
      if (data?.type !== 'progress') return;
      for (const [name, amount] of Object.entries(data.metrics.counters)) {
        counters[name] = (counters[name] ?? 0) + amount;
      }
    });
  }
};
