/**
 * Long takes and short ones: how memory grows with what is recorded, how long a stop takes until there is a file that can
 * be seeked, and how fast a player jumps in it.
 */
import { noise } from '../support/film.mjs';
import { privateBytes, processTree } from '../support/processes.mjs';
import { table, verdicts } from '../support/report.mjs';
import { startServer } from '../support/server.mjs';
import { median, slope, spread } from '../support/statistics.mjs';
import { interleaved, openTake, seconds } from '../support/take.mjs';

const MB = 1e6;
/** Short takes have this part of the data of the long ones. */
const PART = 30;

const contenders = [
  { label: 'onair, WebM', contender: 'onair', format: 'webm' },
  { label: 'onair, MP4', contender: 'onair', format: 'mp4' },
  { label: 'onair, fallback', contender: 'onair fallback', format: 'webm' },
  { label: 'MediaRecorder, kept in an array', contender: 'array', format: 'webm' },
  { label: 'MediaRecorder, thrown away', contender: 'bare', format: 'webm' },
  { label: 'RecordRTC', contender: 'RecordRTC', format: 'webm' },
];

export async function run({ quick, say }) {
  // What VP8 of noise can still do in real time on two cores: a higher bitrate leaves frames waiting in the encoder, and
  // then a stop waits for them.
  const videoBitrate = 25e6;
  const plan = quick
    ? { videoBitrate, megabytes: 9, samples: 3, rounds: 1, shortRounds: 1, patience: 30 }
    : { videoBitrate, megabytes: 510, samples: 60, rounds: 3, shortRounds: 7, patience: 600 };
  const server = await startServer();
  const takes = [];
  try {
    const short = { ...plan, megabytes: plan.megabytes / PART, samples: 0 };
    const files = contenders.filter(({ contender }) => contender !== 'bare');
    const all = [
      ...[...interleaved(contenders, plan.rounds)].map((contender) => ({ ...contender, ...plan, long: true })),
      ...[...interleaved(files, plan.shortRounds)].map((contender) => ({ ...contender, ...short, long: false })),
    ];
    for (const [index, setup] of all.entries()) {
      const take = { ...setup, ...(await record(server.page, setup)) };
      takes.push(take);
      say(
        `${index + 1} of ${all.length}: ${setup.label}, ${(take.recorded / MB).toFixed(0)} MB in ${take.took.toFixed(0)} s, ${stopText(take)}`,
      );
    }
  } finally {
    await server.close();
  }
  return report(takes);
}

async function record(page, setup) {
  const take = await openTake(page, { ...setup, film: noise() });
  try {
    await take.start();
    const began = performance.now();
    const took = () => (performance.now() - began) / 1000;
    const samples = [];
    let recorded = 0;
    while ((recorded < setup.megabytes * MB || samples.length < setup.samples) && took() < setup.patience) {
      await seconds(setup.long ? 1 : 0.2);
      recorded = await take.bytes();
      // Encoder and muxer take their memory at the beginning, once: what is asked is whether it grows from then on.
      if (setup.long && recorded > 0.05 * setup.megabytes * MB) samples.push({ recorded, ...memory(take.browser.pid) });
    }
    const duration = took();
    return { took: duration, recorded, samples, ...(await finish(take)) };
  } finally {
    await take.close();
  }
}

/** Private memory by the kind of process. The page's renderer is the one that has worked most. */
function memory(pid) {
  const tree = processTree(pid).map((process) => ({ ...process, bytes: privateBytes(process.pid) }));
  const [renderer] = tree.filter(({ type }) => type === 'renderer').sort((a, b) => b.cpu - a.cpu);
  return {
    browser: tree.find(({ type }) => type === 'browser').bytes,
    renderer: renderer.bytes,
    all: tree.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** A peer may not survive its own stop: that is a result too. */
async function finish(take) {
  try {
    const stopped = await take.stop();
    const { duration, took } = stopped.size > 0 ? await take.seek(0.8) : { duration: null, took: null };
    return { ...stopped, duration, seek: took };
  } catch (error) {
    return { handed: null, fixed: null, duration: null, seek: null, fault: error.message.split('\n')[0] };
  }
}

/** Milliseconds until there was a file that tells its duration and can be seeked; null when there never was. */
const untilSeekable = ({ handed, fixed, duration }) => (duration === null ? null : (fixed ?? handed));

const stopText = (take) =>
  take.fault ?? (take.duration === null ? 'no seekable file' : `seekable after ${untilSeekable(take).toFixed(0)} ms`);

const numbers = (takes, pick) => takes.map(pick).filter((value) => value !== null && value !== undefined);

function report(takes) {
  const of = (label, long) => takes.filter((take) => take.label === label && take.long === long);
  const slopes = (label, which) =>
    of(label, true).map(({ samples }) => slope(samples.map((s) => ({ x: s.recorded, y: s[which] }))));
  const memoryRows = contenders.map(({ label }) => [
    label,
    of(label, true).length,
    spread(
      numbers(of(label, true), ({ samples }) => samples.length),
      0,
    ),
    spread(
      numbers(of(label, true), ({ recorded }) => recorded / MB),
      0,
    ),
    spread(
      numbers(of(label, true), ({ recorded, took }) => (recorded * 8) / took / MB),
      0,
    ),
    ...['browser', 'renderer', 'all'].map((which) => spread(slopes(label, which), 3)),
  ]);
  const stopRows = contenders
    .filter(({ contender }) => contender !== 'bare')
    .map(({ label }) => {
      const [long, short] = [of(label, true), of(label, false)];
      const faults = [...long, ...short].filter(({ fault }) => fault).length;
      const times = (list) => {
        const found = numbers(list, untilSeekable);
        return found.length > 0 ? spread(found, 0) : 'never';
      };
      const size = (list) =>
        spread(
          numbers(list, (take) => (take.size ?? take.recorded) / MB),
          0,
        );
      const seek = numbers(long, (take) => take.seek);
      return [
        label,
        long.length,
        size(long),
        times(long),
        short.length,
        size(short),
        times(short),
        spread(seek, 0),
        faults,
      ];
    });
  const stopped = (label, long) => {
    const found = numbers(of(label, long), untilSeekable);
    return found.length > 0 ? median(found) : NaN;
  };
  const targets = ['onair, WebM', 'onair, MP4'].flatMap((label) => [
    {
      claim: `${label}: slope of the browser process`,
      most: 0.02,
      measured: median(slopes(label, 'browser')),
      digits: 3,
    },
    { claim: `${label}: slope of the renderer`, most: 0.02, measured: median(slopes(label, 'renderer')), digits: 3 },
    {
      claim: `${label}: stop to a seekable file, long take`,
      most: 150,
      measured: stopped(label, true),
      digits: 0,
      unit: 'ms',
    },
    {
      claim: `${label}: stop to a seekable file, short take`,
      most: 150,
      measured: stopped(label, false),
      digits: 0,
      unit: 'ms',
    },
  ]);
  const fallback = 'onair, fallback';
  /** What a take that needs a copy costs at its end, whatever its length; short takes are too short for the rate. */
  const perHundred = of(fallback, true).flatMap((take) => {
    const stop = untilSeekable(take);
    return stop === null ? [] : [(stop / (take.recorded / MB)) * 100];
  });
  targets.push({
    claim: `${fallback}: stop to a seekable file for each 100 MB, long take`,
    most: 2500,
    measured: perHundred.length > 0 ? median(perHundred) : NaN,
    digits: 0,
    unit: 'ms',
  });
  /** Milliseconds of stop for a megabyte more. */
  const stopSlope = (label) => {
    const points = [...of(label, true), ...of(label, false)].flatMap((take) => {
      const stop = untilSeekable(take);
      return stop === null ? [] : [{ x: take.recorded / MB, y: stop }];
    });
    return points.length > 1 ? slope(points).toFixed(2) : '–';
  };
  const slopeOf = (process) => `slope, ${process}`;
  return [
    verdicts(targets),
    'Memory: slope of private memory (MB) against recorded MB, median (least to most) of the takes.',
    table(
      [
        'recorder',
        'takes',
        'samples',
        'MB',
        'Mbit/s',
        slopeOf('browser'),
        slopeOf('renderer'),
        slopeOf('all processes'),
      ],
      memoryRows,
    ),
    'Stop: milliseconds until there is a file that tells its duration and can be seeked, and the slope of that against recorded MB; then a jump to 80 % of it. Median (least to most).',
    table(
      [
        'recorder',
        'long takes',
        'MB',
        'ms',
        'short takes',
        'MB',
        'ms',
        'ms a MB',
        'jump in the long one, ms',
        'failed',
      ],
      stopRows.map(([label, ...cells]) => [label, ...cells.slice(0, 6), stopSlope(label), ...cells.slice(6)]),
    ),
  ].join('\n\n');
}
