/** Browsers killed in the middle of a take: how much of it is missing afterwards. Plays on what the tests of faults play on. */
import { seeded } from '../../test/support/fixtures.ts';
import { Stage, seconds } from '../../test/support/stage.ts';
import { BOTH_FORMATS, roll, survivors } from '../../test/support/survival.ts';
import { table, verdicts } from '../support/report.mjs';
import { spread } from '../support/statistics.mjs';

const browsers = [
  { name: 'chromium', label: 'Chromium', recorders: BOTH_FORMATS, most: 1 },
  { name: 'firefox', label: 'Firefox', recorders: [{ 'recording-name': 'auto' }], most: 1 },
];

export async function run({ quick, say }) {
  const found = [];
  for (const browser of browsers) {
    const kills = quick ? 1 : browser.name === 'chromium' ? 20 : 10;
    const random = seeded(2026);
    const stage = await Stage.open(browser.name);
    try {
      for (let kill = 0; kill < kills; kill++) {
        const kept = await killAndRecover(stage, browser.recorders, 1 + random() * 9);
        for (const one of kept) {
          found.push({ ...one, browser: browser.label });
          say(
            `${kill + 1} of ${kills}: ${browser.label}, ${one.name}, ${one.missing.video.toFixed(2)} s of pictures missing`,
          );
        }
      }
    } finally {
      await stage.close();
    }
  }
  return report(found);
}

async function killAndRecover(stage, recorders, moment) {
  const tab = await stage.tab({ source: 'clock', recorders });
  const { from } = await roll(tab, recorders.length);
  await seconds(moment);
  const until = await stage.browser.kill();
  await stage.browser.start();
  const library = await stage.tab({ library: 'auto' });
  const kept = await survivors(stage, library, { from, until });
  await library.call('removeAll');
  await library.close();
  return kept;
}

function report(found) {
  const groups = browsers.flatMap(({ label, most, recorders }) =>
    recorders.map((recorder) => {
      const name = recorder['recording-name'];
      const list = found.filter((one) => one.browser === label && one.name === name);
      const [{ engine = '', mimeType = '' } = {}] = list;
      const what = `${label}, ${engine}, ${mimeType.split(';')[0].replace('video/', '')}`;
      const missing = (kind) => list.map((one) => one.missing[kind]);
      return {
        what,
        most,
        count: list.length,
        recorders: recorders.length,
        pictures: missing('video'),
        sound: missing('audio'),
      };
    }),
  );
  return [
    verdicts(
      groups.map(({ what, most, pictures, sound }) => ({
        claim: `${what}: seconds missing, worst`,
        most,
        measured: pictures.length > 0 ? Math.max(...pictures, ...sound) : NaN,
      })),
    ),
    'Seconds that cannot be played, of those from the first media on disk to the kill: median (least to most).',
    table(
      ['take', 'kills', 'pictures, s', 'sound, s'],
      groups.map(({ what, count, pictures, sound }) => [what, count, spread(pictures), spread(sound)]),
    ),
  ].join('\n\n');
}
