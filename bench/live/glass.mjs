/** How old a picture is when it is seen: camera, `<stream-publisher>`, the embedded server, WHEP, in one page. */
import { cameraFilm, makePictures } from '../../test/perf/known-film.ts';
import { launch } from '../support/browser.mjs';
import { openStudio } from '../support/broadcast.mjs';
import { table, verdicts } from '../support/report.mjs';
import { median, quantile, spread } from '../support/statistics.mjs';

const RATE = 30;
/** Seconds until bitrate and jitter buffer are where they stay. */
const SETTLE = 5;
const shares = { p50: 0.5, p90: 0.9, p99: 0.99, longest: 1 };

export async function run({ quick, say }) {
  const { rounds, length } = quick ? { rounds: 1, length: 5 } : { rounds: 5, length: 60 };
  const film = cameraFilm(await makePictures());
  const studio = await openStudio();
  const runs = [];
  try {
    for (let round = 0; round < rounds; round++) {
      const browser = await launch('chromium', { film });
      try {
        const tab = await browser.open(studio.pageOf('glass.html'));
        const whip = studio.newRoom();
        const urls = { whip, whep: whip.replace('/whip/', '/whep/') };
        const measured = await tab.evaluate((urls, how) => globalThis.glass.measure(urls, how), urls, {
          settle: SETTLE,
          length,
        });
        if (measured.ages.length < (RATE * length) / 2) throw new Error(`${measured.ages.length} pictures were seen.`);
        runs.push(measured);
        const told = (ages) =>
          Object.entries(shares)
            .map(([name, share]) => `${name} ${quantile(ages, share).toFixed(1)}`)
            .join(', ');
        say(`${measured.ages.length} pictures, ${measured.unread} that could not be read: ${told(measured.ages)} ms`);
        say(`the preview beside: ${told(measured.previewed)} ms`);
      } finally {
        await browser.close();
        await studio.clear();
      }
    }
  } finally {
    await studio.close();
  }
  return report(runs, length);
}

function report(runs, length) {
  const of = (key, share) => runs.map((one) => quantile(one[key], share));
  const target = (name, most) => ({
    claim: `glass to glass, ${name}`,
    most,
    measured: median(of('ages', shares[name])),
    digits: 1,
    unit: 'ms',
  });
  const row = (label, key) => [
    label,
    runs.reduce((sum, one) => sum + one[key].length, 0),
    spread(
      runs.map((one) => (one[key].length / (RATE * length)) * 100),
      1,
    ),
    ...Object.values(shares).map((share) => spread(of(key, share), 1)),
  ];
  const unread = runs.reduce((sum, one) => sum + one.unread, 0);
  return [
    verdicts([target('p50', 50), target('p99', 150)]),
    `Milliseconds from when the camera took a picture (\`captureTime\`) to when the page is told that it is presented; ${runs.length} runs of ${length} s in Chromium, each in a fresh browser: median of the runs (least to most). ` +
      `The preview is the camera's own stream in the same page, which goes through no encoder and no network. ${unread} pictures came back that could not be read.`,
    table(
      ['picture', 'pictures', 'of 30 a second, %', ...Object.keys(shares)],
      [row('played back from the server', 'ages'), row('preview beside it', 'previewed')],
    ),
  ].join('\n\n');
}
