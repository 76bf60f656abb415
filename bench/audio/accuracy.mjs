/** What others read of the signals of Tech 3341 and 3342, beside what this package reads. */
import { TECH_3341, TECH_3342 } from '../../test/support/tones.ts';
import { launch } from '../support/browser.mjs';
import { hasLoudnessWorklet, loudnessRoutes, WITHOUT } from '../support/loudness-worklet.mjs';
import { table } from '../support/report.mjs';
import { startServer } from '../support/server.mjs';

const RATE = 48_000;
const cases = [...TECH_3341, ...TECH_3342];
const meters = [
  { label: 'onair', name: 'full' },
  ...(hasLoudnessWorklet ? [{ label: 'loudness-worklet', name: 'loudness-worklet' }] : []),
  { label: 'web-audio-peak-meter', name: 'peer-true-peak', only: 'truePeak' },
];

export async function run({ quick, say }) {
  const server = await startServer({ routes: { ...loudnessRoutes, '/case': sendCase }, csp: null });
  const browser = await launch('chromium');
  const chosen = quick ? cases.filter((one, i) => i % 8 === 0) : cases;
  try {
    const tab = await browser.open(new URL('audio.html', server.page).href);
    const rows = new Map();
    for (const one of chosen) {
      const number = one.name.split(' ')[0];
      const row = rows.get(number) ?? { number, of: what(one), worst: {} };
      rows.set(number, row);
      for (const { name, only } of meters) {
        if (only && !(only in one.expected)) continue;
        const { layout, make, steps } = one;
        // A step that ends with the sound is told a moment later.
        const rest = steps ? 0.1 : 0;
        const asked = { number: one.name, layout, channels: make(RATE).length, sampleRate: RATE, rest };
        const told = await tab.evaluate((name, asked) => globalThis.audio.measure(name, asked), name, asked);
        row.worst[name] = worse(row.worst[name], deviation(one, [told].flat()));
      }
      const last = meters.map(({ label, name }) => `${label} ${text(row.worst[name])}`);
      say(`${one.name}: ${last.join(', ')}`);
    }
    return report([...rows.values()]);
  } finally {
    await browser.close();
    await server.close();
  }
}

/** The planes of a case, one after the other. */
function sendCase(request, response) {
  const { searchParams } = new URL(request.url, 'http://localhost');
  const one = cases.find(({ name }) => name === searchParams.get('number'));
  const planes = one.make(Number(searchParams.get('rate')));
  response.setHeader('Content-Type', 'application/octet-stream');
  for (const plane of planes) response.write(Buffer.from(plane.buffer, plane.byteOffset, plane.byteLength));
  response.end();
}

const what = ({ expected, steady, steps = [] }) =>
  [
    ...new Set([...Object.keys(expected), ...(steady ? [steady.figure] : []), ...steps.map(({ figure }) => figure)]),
  ].join(', ');

/** How far the reading farthest from what is expected is from it, and whether that is still within the tolerance. */
function deviation({ expected, steady, steps = [], tolerance }, told) {
  const readings = [
    ...Object.entries(expected).map(([figure, value]) => [told.at(-1)?.[figure], value]),
    ...(steady ? told.filter(({ time }) => time >= steady.after).map((one) => [one[steady.figure], steady.value]) : []),
    ...steps.map(({ figure, at, value }) => [told.find(({ time }) => time >= at)?.[figure], value]),
  ];
  let worst = null;
  for (const [read, value] of readings) {
    const off = (read ?? -Infinity) - value;
    const within = off <= tolerance.above + 1e-9 && off >= -tolerance.below - 1e-9;
    worst = worse(worst, { off, within });
  }
  return worst;
}

/** What fails is worse than what does not; else what is farther off. */
function worse(one, other) {
  if (!one || !other) return one ?? other;
  if (one.within !== other.within) return one.within ? other : one;
  return Math.abs(one.off) >= Math.abs(other.off) ? one : other;
}

function text(worst) {
  if (!worst) return '–';
  const size = Math.abs(worst.off).toFixed(2);
  const sign = Number(size) === 0 ? '' : worst.off < 0 ? '−' : '+';
  const off = Number.isFinite(worst.off) ? sign + size : 'nothing';
  return worst.within ? off : `${off} (fails)`;
}

function report(rows) {
  const failed = ({ name }) => rows.filter(({ worst }) => worst[name] && !worst[name].within).length;
  const of = ({ name }) => rows.filter(({ worst }) => worst[name]).length;
  return [
    meters.map((meter) => `${meter.label}: ${of(meter) - failed(meter)} of ${of(meter)} cases`).join('; ') + '.',
    'How far the worst reading of a case is from what it should be: LU, dB. A dash is what a meter does not measure.',
    table(
      ['case', 'figures', ...meters.map(({ label }) => label)],
      rows.map(({ number, of: figures, worst }) => [number, figures, ...meters.map(({ name }) => text(worst[name]))]),
    ),
    ...(WITHOUT ? [WITHOUT] : []),
  ].join('\n\n');
}
