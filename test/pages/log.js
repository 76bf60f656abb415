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

if (globalThis.PerformanceObserver?.supportedEntryTypes.includes('longtask')) {
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) {
      note('longtask', { start: performance.timeOrigin + startTime, duration });
    }
  }).observe({ entryTypes: ['longtask'] });
}
