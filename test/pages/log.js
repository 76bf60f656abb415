/** What happened on the page, in order, for the test that asks afterwards. */
export const log = [];
const note = (type, detail = {}) => log.push({ at: Date.now(), type, ...detail });

for (const type of ['oa-statechange', 'oa-error', 'oa-recorded', 'oa-recovered']) {
  // Changes of state do not bubble, but they can be captured on the way down.
  addEventListener(
    type,
    (event) => {
      const element = event.composedPath()[0];
      const { code, message, fatal } = event;
      note(type, { tag: element.localName, state: element.state, code, message, fatal });
    },
    true,
  );
}
addEventListener('unhandledrejection', (event) => note('unhandledrejection', { message: String(event.reason) }));

/** A long task of our own: when the observer has told of it, it has told of all before. */
let sentinel = null;

if (globalThis.PerformanceObserver?.supportedEntryTypes.includes('longtask')) {
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) {
      if (sentinel?.at >= startTime && sentinel.at < startTime + duration) sentinel.told();
      else note('longtask', { start: performance.timeOrigin + startTime, duration });
    }
  }).observe({ entryTypes: ['longtask'] });
}

/** Keeps the page busy, in a task of its own: what a debugger calls is none. */
export const busy = (milliseconds, began = () => {}) =>
  new Promise((resolve) =>
    setTimeout(() => {
      const end = performance.now() + milliseconds;
      began();
      while (performance.now() < end);
      resolve();
    }),
  );

/** Resolves when all long tasks until now are in the log. */
export async function drain() {
  await new Promise((told) => void busy(60, () => (sentinel = { at: performance.now(), told })));
  sentinel = null;
}
