/** Trouble that is real, so that the meter has something to find. */
const meter = document.querySelector('#meter');
const faults = document.querySelector('#faults');

function block(seconds) {
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end);
}

/** Begins something that lasts; answers what ends it. */
const lasting = {
  burn() {
    const workers = Array.from({ length: navigator.hardwareConcurrency }, () => new Worker('burn.worker.js'));
    return () => workers.forEach((worker) => worker.terminate());
  },
  /** 4 MB of numbers a second, 512 MB at most. */
  grow() {
    const held = [];
    const timer = setInterval(() => held.length < 128 && held.push(Array.from({ length: 5e5 }, Math.random)), 1000);
    return () => {
      clearInterval(timer);
      held.length = 0;
    };
  },
};
const ends = {};

faults.addEventListener('submit', (event) => {
  event.preventDefault();
  const { submitter } = event;
  const { value } = submitter;
  if (value === 'block') return block(2);
  ends[value] = ends[value] ? ends[value]() : lasting[value]();
  submitter.ariaPressed = String(Boolean(ends[value]));
});

/** The last changes, the newest first. */
const log = document.querySelector('#log');
const found = [];
const SHOWN = 6;
meter.addEventListener('oa-statechange', async () => {
  const item = document.createElement('li');
  const time = new Date().toLocaleTimeString();
  // In its own words, also where it is out of sight and writes nothing by itself.
  meter.requestUpdate();
  await meter.updateComplete;
  const words = ['state', 'summary'].map((part) => meter.shadowRoot.querySelector(`[part="${part}"]`).textContent);
  item.textContent = `${time} ${words.join(': ')}`;
  found.unshift(item);
  found.length = Math.min(found.length, SHOWN);
  log.replaceChildren(...found);
});

document.querySelector('#trace').addEventListener('click', ({ target }) => {
  meter.trace = !meter.trace;
  target.ariaPressed = String(meter.trace);
});
