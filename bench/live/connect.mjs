/**
 * From a start to a connection and to the first picture at the server; how soon it is seen again after the server was killed;
 * what is left behind at the server; and what each contender weighs.
 */
import { within, openStudio } from '../support/broadcast.mjs';
import { launch } from '../support/browser.mjs';
import { contenders, peers, weight } from '../support/publishers.mjs';
import { table, verdicts } from '../support/report.mjs';
import { budgets } from '../support/sizes.mjs';
import { median, spread } from '../support/statistics.mjs';
import { interleaved, seconds } from '../support/take.mjs';

/** Seconds for a first picture. */
const FIRST = 20;
/** Seconds that the server is away, and for a picture once it is back. */
const [AWAY, BACK] = [3, 30];
/** Seconds of a broadcast before its server is killed; who reports when it is ready to notice is waited for. */
const BEFORE = 5;
/** Seconds for a picture before an end, and after the end until nothing should be left. */
const [PATIENCE, AFTER] = [5, 3];

const [ours] = contenders;

export async function run({ quick, say }) {
  const { starts, kills, ends } = quick ? { starts: 2, kills: 1, ends: 1 } : { starts: 30, kills: 5, ends: 3 };
  const studio = await openStudio();
  try {
    const measured = {
      starts: {
        chromium: await measureStarts('chromium', studio, starts, say),
        firefox: await measureStarts('firefox', studio, starts, say),
      },
      recoveries: await measureRecoveries(studio, kills, quick ? 10 : BACK, say),
      ends: await measureEnds(studio, ends, say),
    };
    return report(measured, await measureSizes());
  } finally {
    await studio.close();
  }
}

/** Each start in a page of its own, in one browser: that the browser itself starts is none of it. */
async function measureStarts(name, studio, rounds, say) {
  const browser = await launch(name);
  try {
    const start = async ({ client }) => {
      const tab = await browser.open(studio.page(client));
      await tab.evaluate((url) => globalThis.live.open(url), studio.newRoom());
      const frame = within(studio.nextFrame(), FIRST);
      const { at, connected } = await tab.evaluate(() => globalThis.live.start());
      const seen = await frame;
      if (seen === null) throw new Error(`${client}: no picture in ${FIRST} s.`);
      const [{ video }] = studio.media.sessions;
      // Who is still there might come back when its session is ended.
      await tab.goto('about:blank');
      await studio.clear();
      return { connected, frame: seen - at, codec: video.codec };
    };
    // What only the first of all needs: the browser's capture, and the server's WebRTC.
    for (const contender of contenders) await start(contender);
    const list = [];
    for (const contender of interleaved(contenders, rounds)) {
      const one = { label: contender.label, ...(await start(contender)) };
      list.push(one);
      say(
        `${name}, ${one.label}: connected after ${one.connected.toFixed(0)} ms, a picture after ${one.frame} ms (${one.codec})`,
      );
    }
    return list;
  } finally {
    await browser.close();
  }
}

/** Milliseconds from the server's being back to the next picture that it sees; null where none comes. */
async function measureRecoveries(studio, rounds, patience, say) {
  const browser = await launch('chromium');
  try {
    const list = [];
    for (const { label, client } of interleaved(contenders, rounds)) {
      const tab = await browser.open(studio.page(client));
      await tab.evaluate((url) => globalThis.live.open(url), studio.newRoom());
      await tab.evaluate(() => globalThis.live.start());
      await seconds(BEFORE);
      await tab.evaluate(() => globalThis.live.settled());
      await studio.media.stop();
      await seconds(AWAY);
      const frame = studio.nextFrame();
      await studio.media.restart();
      const back = Date.now();
      const seen = await within(frame, patience);
      const took = seen === null ? null : seen - back;
      list.push({ label, took });
      say(`${label}: ${took === null ? `nothing within ${patience} s` : `a picture after ${took} ms`}`);
      await tab.goto('about:blank');
      await studio.clear();
    }
    return { list, patience };
  } finally {
    await browser.close();
  }
}

const endings = {
  'stop()': async ({ tab, studio }) => {
    await startAndShow(tab, studio);
    await stop(tab);
  },
  'stop(), after a 307': async ({ tab, studio }) => {
    studio.media.faults.redirect({ status: 307 });
    await startAndShow(tab, studio);
    await stop(tab);
  },
  'stop() before the answer': async ({ tab, studio }) => {
    studio.media.faults.delay({ method: 'POST', seconds: 1 });
    await tab.evaluate(() => globalThis.live.begin());
    await within(
      tab.evaluate(() => globalThis.live.posted()),
      PATIENCE,
    );
    await stop(tab);
    await seconds(1);
  },
  'the page is left': async ({ tab, studio }) => {
    await startAndShow(tab, studio);
    await tab.goto('about:blank');
  },
};

/** Some say that there is nothing to stop, and some wait for what never comes. */
const stop = (tab) =>
  within(
    tab.evaluate(() => globalThis.live.stop()).catch(() => {}),
    PATIENCE,
  );

async function startAndShow(tab, studio) {
  const frame = studio.nextFrame();
  await tab.evaluate(() => globalThis.live.begin());
  // Whom a fault keeps from being seen may have begun a session all the same.
  await within(frame, PATIENCE);
}

/** How many sessions the server still has some seconds after the end, and whether it was asked to end them. */
async function measureEnds(studio, rounds, say) {
  const browser = await launch('chromium');
  try {
    const list = [];
    for (const { label, client } of interleaved(contenders, rounds))
      for (const [ending, end] of Object.entries(endings)) {
        const tab = await browser.newPage();
        await tab.goto(studio.page(client), { waitUntil: 'load' });
        await tab.bringToFront();
        await tab.evaluate((url) => globalThis.live.open(url), studio.newRoom());
        await end({ tab, studio });
        await seconds(AFTER);
        const left = studio.media.sessions.length;
        const asked = studio.asked.some(({ method, status }) => method === 'DELETE' && status === 200);
        list.push({ label, ending, left, asked });
        say(`${label}, ${ending}: ${left} left, ${asked ? 'a' : 'no'} DELETE`);
        await tab.close();
        await studio.clear();
      }
    return list;
  } finally {
    await browser.close();
  }
}

async function measureSizes() {
  const kB = (bytes) => (bytes / 1000).toFixed(2);
  const own = budgets().filter(({ name }) => name.startsWith('stream-publisher'));
  if (own.length !== 2) throw new Error('tools/size.mjs tells of two parts of the publisher.');
  const [element, later] = own;
  const weights = await Promise.all(peers.map(weight));
  return {
    element,
    rows: [
      ...own.map(({ name, size }) => [name, size.toFixed(2)]),
      ['stream-publisher: both', (element.size + later.size).toFixed(2)],
      ...peers.map(({ label }, index) => [label, kB(weights[index])]),
    ],
  };
}

function report({ starts, recoveries, ends }, { element, rows: sizes }) {
  const of = (list, label) => list.filter((one) => one.label === label);
  const figures = (list, label, key) => of(list, label).map((one) => one[key]);
  /** The peer that is fastest by its median, and our takes by those of the same round. */
  const against = (list, key) => {
    const best = peers
      .map(({ label }) => ({ label, values: figures(list, label, key) }))
      .sort((a, b) => median(a.values) - median(b.values))[0];
    const ratios = figures(list, ours.label, key).map((value, round) => value / best.values[round]);
    return { best: best.label, ratios };
  };
  const browsers = Object.keys(starts);
  const times = (label) => figures(recoveries.list, label, 'took');
  const back = (label) => times(label).filter((took) => took !== null);
  const late = times(ours.label).length - back(ours.label).length;
  const leftBy = (label) => of(ends, label).reduce((sum, { left }) => sum + left, 0);
  const targets = [
    ...browsers.map((browser) => ({
      claim: `${ours.label}, ${browser}: start to connected, of the best peer`,
      most: 1.15,
      measured: median(against(starts[browser], 'connected').ratios),
    })),
    {
      claim: `${ours.label}: from the server's being back to a picture, the longest`,
      most: 5,
      measured: late > 0 ? Infinity : Math.max(...back(ours.label)) / 1000,
      unit: 's',
    },
    { claim: `${ours.label}: sessions left behind`, most: 0, measured: leftBy(ours.label), digits: 0 },
    { claim: element.name, most: element.budget, measured: element.size, unit: 'kB' },
  ];
  const startRows = browsers.flatMap((browser) =>
    contenders.map(({ label }) => [
      `${browser}, ${label}`,
      of(starts[browser], label).length,
      [...new Set(figures(starts[browser], label, 'codec'))].join(', '),
      spread(figures(starts[browser], label, 'connected'), 0),
      spread(figures(starts[browser], label, 'frame'), 0),
    ]),
  );
  const ratioLines = browsers.map((browser) => {
    const told = ['connected', 'frame'].map((key) => {
      const { best, ratios } = against(starts[browser], key);
      return `${spread(ratios)} of ${best} to the ${key === 'frame' ? 'first picture' : 'connection'}`;
    });
    return `${browser}: ${told.join(', ')}`;
  });
  return [
    verdicts(targets),
    'Milliseconds from the call that starts to `connectionState` being `connected`, and to the last packet of the first picture at the server; median (least to most).',
    table(['start', 'times', 'codec', 'to connected, ms', 'to the first picture, ms'], startRows),
    `${ours.label} by the fastest peer of the same round: ${ratioLines.join('; ')}.`,
    `The server was killed, and back ${AWAY} s later. Seconds from then to a picture at the server, waited for ${recoveries.patience} s (Chromium); median (least to most).`,
    table(
      ['recovery', 'kills', 'came back', 'after, s'],
      contenders.map(({ label }) => [
        label,
        times(label).length,
        back(label).length,
        spread(
          back(label).map((took) => took / 1000),
          1,
        ),
      ]),
    ),
    `Sessions that the server had ${AFTER} s after the end, of as many broadcasts, and whether it was asked to end them by DELETE (Chromium). Without that it finds out by the end of the connection, where it is told of that, or by nothing having come for 30 s.`,
    table(
      ['left behind', ...Object.keys(endings)],
      contenders.map(({ label }) => [
        label,
        ...Object.keys(endings).map((ending) => {
          const all = of(ends, label).filter((one) => one.ending === ending);
          const left = all.reduce((sum, one) => sum + one.left, 0);
          const asked = all.filter((one) => one.asked).length;
          return `${left} of ${all.length}, DELETE ${asked}`;
        }),
      ]),
    ),
    'Kilobytes (1000 bytes) that a page downloads, bundled, minified, gzip -9.',
    table(['size', 'kB'], sizes),
  ].join('\n\n');
}
