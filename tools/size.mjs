/**
 * What a page downloads, gzip, against its budget. Only what is loaded at once is counted, not what waits for need.
 * `npm run size -- --why` tells what the bytes of the first are.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { bundle } from './bundle.mjs';
import { none, write } from './counts.mjs';
import { root } from './prepare.mjs';

const kB = 1000;
const dist = (file) => path.join(root, 'dist', file);

const budgets = [
  {
    // What is loaded before the first take.
    name: 'media-producer and stream-recorder, with Lit',
    budget: 20 * kB,
    code: () => bundled(['define/media-producer.js', 'define/stream-recorder.js']),
  },
  { name: 'stream-publisher, with Lit', budget: 16 * kB, code: () => bundled(['define/stream-publisher.js']) },
  {
    // It was 13 until a broadcast came back from what it had been caught in.
    name: 'stream-publisher: what comes with the first start',
    budget: 13.5 * kB,
    code: () =>
      ['broadcast', 'publish-run', 'way', 'ladder']
        .map((file) => readFileSync(dist(`cdn/${file}.js`), 'utf8'))
        .join(''),
  },
  { name: 'audio-level, with Lit', budget: 13 * kB, code: () => bundled(['define/audio-level.js']) },
  {
    // What measures and draws.
    name: 'audio-level: what comes with the first sound',
    budget: 20 * kB,
    code: () =>
      ['desk', 'level-meter', 'level-graph', 'level-record', 'load-worklet', 'autoplay', 'worklets/level.worklet']
        .map((file) => readFileSync(dist(`cdn/${file}.js`), 'utf8'))
        .join(''),
  },
  {
    // It was 118 until a repair left nothing that readers give up at, and a still picture was the one that was shown last.
    name: 'workers/record.worker.js',
    budget: 119 * kB,
    code: () => readFileSync(dist('workers/record.worker.js')),
  },
  // Not in it: charts, what exports (loaded by who exports), web-vitals (with the first monitor that runs), and what tells of
  // producers and connections, which every <perf-meter> loads (`performanceMonitorOf`, `ConnectionProbe`).
  {
    name: 'the monitor, without charts, exports, web-vitals, connections',
    budget: 8 * kB,
    code: () => bundled(['core/monitor/performance-monitor.js'], 'export * from'),
  },
  {
    // All of core/monitor, whoever asks for it and when. The 8 kB that a core without charts was to have it does not meet.
    name: 'the monitor of a producer, with exports, web-vitals, connections',
    budget: 17.5 * kB,
    code: () =>
      bundled(['core/monitor/index.js', 'core/monitor/vitals.js', 'core/producer/performance-of.js'], 'export * from'),
  },
  {
    name: 'perf-meter: charts, once they are opened',
    budget: 45 * kB,
    code: () => readFileSync(dist('cdn/charts.js')),
  },
  { name: 'cdn/channel.js, with partysocket', budget: 10 * kB, code: () => readFileSync(dist('cdn/channel.js')) },
  { name: 'cdn/onair.js', budget: 50 * kB, code: () => readFileSync(dist('cdn/onair.js')) },
];

const why = process.argv.includes('--why');
const bundled = (files, take) => bundle(files.map(dist), { take, ...(why ? { told: tell } : {}) });

/** The modules of a bundle, largest first; their gzip sizes are of each alone, and so add up to more than the whole. */
function tell(modules) {
  const sizes = Object.entries(modules).map(([id, { code, renderedLength }]) => {
    const gzip = gzipSync(code ?? '').length;
    return { name: path.relative(root, id), gzip, raw: renderedLength };
  });
  for (const { name, gzip, raw } of sizes.sort((a, b) => b.gzip - a.gzip))
    console.log(`  ${String(gzip).padStart(6)} gzip ${String(raw).padStart(7)} raw (before minifying)  ${name}`);
}

const counts = none();
for (const { name, budget, code } of budgets) {
  let text;
  try {
    text = await code();
  } catch (error) {
    counts.failed++;
    console.log(`not ok ${name}: ${error.message}`);
    continue;
  }
  const size = gzipSync(text, { level: 9 }).length;
  const room = budget - size;
  counts[room < 0 ? 'failed' : 'passed']++;
  const figures = `${(size / kB).toFixed(2)} kB of ${budget / kB} kB`;
  const left = `${room < 0 ? 'over by' : 'head-room'} ${(Math.abs(room) / kB).toFixed(2)} kB`;
  console.log(`${room < 0 ? 'not ok' : 'ok'} ${name}: ${figures} gzip, ${left}`);
}
if (process.env.ONAIR_COUNT) write(process.env.ONAIR_COUNT, counts);
process.exitCode = counts.failed > 0 ? 1 : 0;
