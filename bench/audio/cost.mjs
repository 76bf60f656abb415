/** What metering costs: the audio thread, by quantum, and the page, by meters that are drawn. */
import { launch } from '../support/browser.mjs';
import { hasLoudnessWorklet, loudnessRoutes, WITHOUT } from '../support/loudness-worklet.mjs';
import { taskTime } from '../support/main-thread.mjs';
import { table, verdicts } from '../support/report.mjs';
import { startServer } from '../support/server.mjs';
import { median, spread } from '../support/statistics.mjs';
import { interleaved, seconds } from '../support/take.mjs';

const nothing = { label: 'nothing', name: 'nothing' };
const meters = [
  nothing,
  { label: 'a worklet that measures nothing', name: 'empty' },
  { label: 'onair: M, S, I, LRA, true peak, peak, RMS, clips, silence', name: 'full' },
  { label: 'onair: peak, RMS, clips, silence', name: 'samples' },
  { label: 'web-audio-peak-meter: peak', name: 'peer-peak' },
  { label: 'web-audio-peak-meter: true peak', name: 'peer-true-peak' },
  ...(hasLoudnessWorklet ? [{ label: 'loudness-worklet: M, S, I, LRA, true peak', name: 'loudness-worklet' }] : []),
];
const shown = [
  { label: 'nothing', kind: 'nothing' },
  { label: 'onair: 8 of `mode="peak"`', kind: 'peak' },
  { label: 'onair: 8 of `mode="loudness"`', kind: 'loudness' },
  { label: '8 of web-audio-peak-meter', kind: 'peer' },
];

export async function run({ quick, say }) {
  const rendered = quick ? { rounds: 2, length: 10, more: 10 } : { rounds: 11, length: 60, more: 300 };
  const drawn = quick ? { rounds: 1, length: 2 } : { rounds: 5, length: 10 };
  // One peer starts its worklet from a Blob and styles by attributes.
  const server = await startServer({ routes: loudnessRoutes, csp: null });
  const page = new URL('audio.html', server.page).href;
  try {
    const costs = {};
    for (const browser of ['chromium', 'firefox'])
      costs[browser] = await measureRendering(browser, page, rendered, say);
    const tasks = await measureDrawing(page, drawn, say);
    return report(costs, tasks, rendered);
  } finally {
    await server.close();
  }
}

/**
 * Microseconds a quantum, without what the graph costs by itself: of the first seconds of a sound, in which its worklet is
 * compiled, and of those after them. All contenders take turns in one page.
 */
async function measureRendering(name, page, { rounds, length, more }, say) {
  const browser = await launch(name);
  try {
    const tab = await browser.open(page);
    const render = (meter, seconds) =>
      tab.evaluate((meter, seconds) => globalThis.audio.render(meter, seconds), meter, seconds);
    // What the page compiles is compiled by the first.
    for (const { name: meter } of meters) await render(meter, length);
    const took = Object.fromEntries(meters.map(({ name: meter }) => [meter, { first: [], then: [] }]));
    for (const { name: meter } of interleaved(meters, rounds)) {
      const [first, all] = [await render(meter, length), await render(meter, length + more)];
      took[meter].first.push(first);
      took[meter].then.push((all * (length + more) - first * length) / more);
    }
    const idle = { first: median(took.nothing.first), then: median(took.nothing.then) };
    const beyond = (meter, when) => took[meter][when].map((one) => one - idle[when]);
    const costs = Object.fromEntries(
      meters.map(({ name: meter }) => [meter, { first: beyond(meter, 'first'), then: beyond(meter, 'then') }]),
    );
    for (const { label, name: meter } of meters.slice(1))
      say(`${name}, ${label}: ${spread(costs[meter].first, 1)} µs, then ${spread(costs[meter].then, 1)}`);
    return costs;
  } finally {
    await browser.close();
  }
}

/**
 * Milliseconds of processor that the main thread takes in each second, with 8 of them in a window that is seen; each in a
 * fresh browser.
 */
async function measureDrawing(page, { rounds, length }, say) {
  const tasks = Object.fromEntries(shown.map(({ kind }) => [kind, []]));
  for (const { label, kind } of interleaved(shown, rounds)) {
    const browser = await launch('chromium');
    try {
      const tab = await browser.open(page);
      await tab.evaluate((kind) => globalThis.audio.show(kind), kind);
      await seconds(1);
      tasks[kind].push(await taskTime(tab, length));
      say(`${label}: ${tasks[kind].at(-1).toFixed(1)} ms/s`);
    } finally {
      await browser.close();
    }
  }
  return tasks;
}

function report({ chromium, firefox }, tasks, { rounds, length, more }) {
  const ratio = (when) => {
    const peer = chromium['loudness-worklet']?.[when];
    return peer ? median(chromium.full[when].map((one, i) => one / peer[i])) : NaN;
  };
  const idle = median(tasks.nothing);
  const phases = [
    { when: 'first', name: `the first ${length} s` },
    { when: 'then', name: `the ${more} s after them` },
  ];
  const quantum = (claim, most, meter) =>
    phases.map(({ when, name }) => {
      const measured = median(chromium[meter][when]);
      return { claim: `${claim}, Chromium: a quantum of ${name}`, most, measured, digits: 1, unit: 'µs' };
    });
  const targets = [
    ...quantum('the full set', 20, 'full'),
    ...phases.map(({ when, name }) => ({
      claim: `the full set, of what loudness-worklet takes in ${name}`,
      most: 0.4,
      measured: ratio(when),
    })),
    ...quantum('peak and RMS', 3, 'samples'),
    ...['peak', 'loudness'].map((kind) => ({
      claim: `8 drawn meters, mode ${kind}: main thread a second`,
      most: 15,
      measured: median(tasks[kind]) - idle,
      digits: 1,
      unit: 'ms',
    })),
  ];
  return [
    verdicts(targets),
    `Microseconds of a quantum of 128 frames (2667 µs at 48 kHz), stereo, beyond what the graph takes by itself: ${rounds} renderings of ${length} s and as many of ${length + more} s by each, taking turns; median (least to most).`,
    table(
      ['meter', ...['Chromium', 'Firefox'].flatMap((browser) => phases.map(({ name }) => `${browser}, ${name}, µs`))],
      meters
        .slice(1)
        .map(({ label, name }) => [
          label,
          ...[chromium, firefox].flatMap((costs) => phases.map(({ when }) => spread(costs[name][when], 1))),
        ]),
    ),
    'Milliseconds of processor that tasks of the main thread take in a second (Chromium), with 8 meters of a stereo sound on the page.',
    table(
      ['on the page', 'times', 'ms a second'],
      shown.map(({ label, kind }) => [label, tasks[kind].length, spread(tasks[kind], 1)]),
    ),
    ...(WITHOUT ? [WITHOUT] : []),
  ].join('\n\n');
}
