/** What `<perf-meter>` has shown, look by look. */
let meter = null;
/** Null until somebody asks: to read the page with each of its frames costs it more than any meter. */
let looks = null;

const words = (name) => {
  const text = meter.shadowRoot.querySelector(`[part~="${name}"]`)?.textContent ?? '';
  return text.replace(/\s+/g, ' ').trim();
};

/** The meter that all of this is about. */
export function watchMeter(element) {
  if (element) meter = element;
}

/** Each look from the first call on, once it can be read on the page: most change nothing that is shown. */
function remembered() {
  if (looks) return looks;
  looks = [];
  const remember = () => {
    requestAnimationFrame(remember);
    const snapshot = meter.snapshot();
    if (!snapshot || snapshot.at === looks.at(-1)?.at || words('state') === '') return;
    const { state, cause, findings } = snapshot.diagnosis;
    const found = findings.map(({ cause, measure, value }) => ({ cause, measure, value }));
    looks.push({ at: snapshot.at, state, cause, found, word: words('state'), summary: words('summary') });
    meter.dispatchEvent(new Event('look'));
  };
  remember();
  return looks;
}

/** Resolves with the look that shows this state, and this cause where one is given. */
export function shows(state, cause = null, seconds = 30) {
  return new Promise((resolve, reject) => {
    const end = (settle, value) => {
      clearTimeout(late);
      meter.removeEventListener('look', see);
      settle(value);
    };
    const see = () => {
      const look = remembered().at(-1);
      if (look?.state === state && (cause === null || look.cause === cause)) end(resolve, look);
    };
    const late = setTimeout(() => {
      end(
        reject,
        new Error(`Never ${state} by ${cause}: ${JSON.stringify({ last: remembered().slice(-5), is: snapshot() })}`),
      );
    }, seconds * 1000);
    meter.addEventListener('look', see);
    see();
  });
}

/** Resolves when it can tell how narrow the way of a broadcast is: that is found out in its first seconds. */
export const knowsTheWay = () =>
  new Promise((resolve) => {
    const look = () => {
      if (typeof snapshot().network?.pressure !== 'number') return;
      meter.removeEventListener('look', look);
      resolve();
    };
    meter.addEventListener('look', look);
    remembered();
  });

export const looksSince = (at) => remembered().filter((look) => look.at >= at);
export const snapshot = () => JSON.parse(JSON.stringify(meter.snapshot()));
export const openMetrics = () => meter.toOpenMetrics();
/** A row of its table, in words. */
export const row = (index) =>
  meter.shadowRoot.querySelectorAll('[part~="row"]')[index].textContent.replace(/\s+/g, ' ').trim();

let held = [];
/** Keeps so many megabytes (2^20 bytes) more in arrays, numbers and no buffers: those are in no figure of the heap. */
export function retain(megabytes) {
  for (let count = 0; count < megabytes; count++) held.push(new Array(2 ** 17).fill(Math.random() + 0.5));
}
export function release() {
  held = [];
}
export const heapLimit = () => performance.memory.jsHeapSizeLimit;
