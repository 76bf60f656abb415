/**
 * Takes while other programs want the processors: what each recorder promises and what is in its file, what is lost of the
 * sound, and how soon all is as before. One take that adapts is drawn for the docs.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { figure } from '../support/figure.mjs';
import { dimRoom, RATE } from '../support/film.mjs';
import { cache, root } from '../support/folders.mjs';
import { table, verdicts, writeSection } from '../support/report.mjs';
import { startServer } from '../support/server.mjs';
import { median, spread } from '../support/statistics.mjs';
import { interleaved, openTake, seconds } from '../support/take.mjs';
import { look } from '../support/under-load.mjs';

/** What the package takes for 720p30 by itself, in bitrate and in codec. */
const BITRATE = 2.5e6;
const CODEC = 'vp9';
/** Busy workers for each processor: eight on two took two of five frames from a take of fixed quality (docs/quality.md). */
const EACH = 4;
const BUSY = EACH * os.cpus().length;
/** Pictures that may wait for the package's encoder. */
const MOST_WAITING = 8;

const ADAPTIVE = 'onair, adaptive';
const contenders = [
  { label: ADAPTIVE, contender: 'onair', quality: 'adaptive' },
  { label: 'onair, fixed', contender: 'onair', quality: 'fixed' },
  { label: 'RecordRTC', contender: 'RecordRTC' },
];

/** Seconds: before the load, of it, of these left to adapt, after it at least, and at most for a quality that is to come back. */
const USUAL = { rounds: 5, before: 5, load: 20, adapting: 4, after: 12, patience: 45 };
const QUICK = { rounds: 1, before: 3, load: 9, adapting: 4, after: 6, patience: 40 };

export async function run({ quick, say }) {
  const timing = quick ? QUICK : USUAL;
  const server = await startServer({ codec: CODEC, watched: true });
  const takes = [];
  try {
    for (const setup of interleaved(contenders, timing.rounds)) {
      const round = Math.floor(takes.length / contenders.length);
      const take = { ...setup, round, ...(await record(server, setup, timing)) };
      takes.push(take);
      say(
        `${round + 1} of ${timing.rounds}: ${setup.label}, ${take.kept} of ${take.promised.toFixed(0)} frames in ` +
          `${take.seconds.toFixed(1)} s of load, ${take.beeps.lost} of ${take.beeps.heard + take.beeps.lost} beeps lost, ` +
          `full quality after ${told(take.fullQuality)} s`,
      );
    }
  } finally {
    await server.close();
  }
  draw(takes, quick, say);
  return report(takes, timing);
}

async function record(server, setup, timing) {
  const take = await openTake(server.page, { videoBitrate: BITRATE, codec: CODEC, ...setup, film: dimRoom() });
  try {
    await take.start();
    await seconds(timing.before);
    const from = await take.call('burn', BUSY);
    await seconds(timing.load);
    const to = await take.call('cool');
    await seconds(timing.after);
    await untilFull(take, timing.patience - timing.after);
    const { at: stop, moves, queue } = await take.call('seen');
    await take.stop();
    await take.send('take.webm');
    return await look(server.file('take.webm'), { load: { from, to }, stop, moves, queue }, { rate: RATE, ...timing });
  } finally {
    await take.close();
  }
}

/** And for a moment longer, so that the file shows it. */
async function untilFull(take, patience) {
  for (const end = Date.now() + patience * 1000; Date.now() < end; await seconds(0.5)) {
    const { moves } = await take.call('seen');
    if (moves.length === 0 || moves.at(-1).level === 1) break;
  }
  await seconds(3);
}

const lostOf = ({ promised, kept }) => Math.max(0, 1 - kept / promised) * 100;
const keptOf = ({ promised, kept }) => Math.min(1, kept / promised);
const told = (value) => (value === null ? 'none' : value.toFixed(1));

function report(takes, { load, adapting, patience }) {
  const of = (label) => takes.filter((take) => take.label === label);
  const ours = takes.filter(({ contender }) => contender === 'onair');
  const adaptive = of(ADAPTIVE);
  const targets = [
    {
      claim: 'onair, adaptive: frames lost of those it promises under load, median',
      most: 10,
      measured: median(adaptive.map(lostOf)),
      digits: 1,
      unit: '%',
    },
    {
      claim: 'onair, adaptive: full quality again after the load, worst',
      most: 30,
      // What did not come back was waited for that long.
      measured: Math.max(...adaptive.map(({ fullQuality }) => fullQuality ?? patience)),
      digits: 1,
      unit: 's',
    },
    {
      claim: 'onair, adaptive and fixed: beeps lost, worst',
      most: 0,
      measured: Math.max(...ours.map(({ beeps }) => beeps.lost)),
      digits: 0,
    },
  ];
  const rows = contenders.map(({ label }) => {
    const list = of(label);
    const ratios = list.map((take) => keptOf(adaptive.find(({ round }) => round === take.round)) / keptOf(take));
    const back = list.map(({ fullRate }) => fullRate);
    return [
      label,
      list.length,
      spread(
        list.map(({ promised, seconds }) => promised / seconds),
        1,
      ),
      spread(
        list.map(({ kept, seconds }) => kept / seconds),
        1,
      ),
      spread(
        list.map((take) => keptOf(take) * 100),
        1,
      ),
      label === ADAPTIVE ? '1' : spread(ratios),
      spread(
        list.map(({ lostAdapting }) => lostAdapting),
        0,
      ),
      spread(list.map(({ gap }) => gap)),
      back.includes(null) ? 'not in all' : spread(back, 1),
      label === ADAPTIVE ? fullQualities(list) : '–',
      spread(list.map(({ soundGap }) => soundGap)),
      `${sum(list, 'lost')} of ${sum(list, 'lost') + sum(list, 'heard')}`,
    ];
  });
  const columns = [
    'recorder',
    'takes',
    'frames promised a second',
    'in the file',
    'kept of these, %',
    'adaptive keeps, times as much',
    `frames lost in the ${adapting} s before`,
    'widest gap between frames, s',
    'full rate again after, s',
    'full quality again after, s',
    'widest gap of sound, s',
    'beeps lost',
  ];
  return [
    verdicts(targets),
    `${BUSY} busy workers for ${load} s; frames are counted in the last ${load - adapting} s of these, in the decoded file. Median (least to most). Ratios are of takes of the same round.`,
    table(columns, rows),
  ].join('\n\n');
}

const sum = (list, what) => list.reduce((total, { beeps }) => total + beeps[what], 0);

function fullQualities(list) {
  const all = list.map(({ fullQuality }) => fullQuality);
  return all.includes(null) ? 'not in all' : spread(all, 1);
}

/** The adaptive take whose loss is in the middle, as a picture, and its figures beside it. */
function draw(takes, quick, say) {
  const adaptive = takes.filter(({ label }) => label === ADAPTIVE).sort((a, b) => lostOf(a) - lostOf(b));
  const take = adaptive[adaptive.length >> 1];
  const folder = quick ? cache : path.join(root, 'docs/images');
  mkdirSync(folder, { recursive: true });
  const rows = take.course.map((row) => ({ ...row, lost: Math.max(0, row.promised - row.kept) }));
  const columns = ['second', 'level', 'waiting', 'promised', 'kept'];
  const csv = [columns.join(), ...rows.map((row) => columns.map((name) => round(row[name])).join())].join('\n');
  writeFileSync(path.join(folder, 'adaptation.csv'), `${csv}\n`);
  writeFileSync(path.join(folder, 'adaptation.svg'), figure(plot(take, rows)));
  say(`Drawn: ${path.join(folder, 'adaptation.svg')}`);
  if (!quick) writeSection(path.join(root, 'docs/quality.md'), 'capture/load', caption(take, adaptive.length));
}

const round = (value) => Math.round(value * 1000) / 1000;

function plot({ band }, rows) {
  const column = (name) => rows.map((row) => row[name]);
  return {
    title: 'A take on a machine that becomes busy, quality="adaptive"',
    description:
      'Three panels over the seconds of a take: the quality goes down in steps after the load begins and back to full after it has ended; pictures wait for the encoder at its beginning; frames are lost there.',
    seconds: rows.length,
    band: { ...band, label: 'processors kept busy' },
    panels: [
      {
        title: 'Quality: level, as a share of the full one',
        most: 1,
        ticks: [0, 0.5, 1],
        series: [{ as: 'line', values: column('level') }],
      },
      {
        title: 'Encoder: pictures that wait for it, the most in each second',
        most: MOST_WAITING,
        ticks: [0, 4, 8],
        series: [{ as: 'bar', values: column('waiting') }],
      },
      {
        title: 'Frames a second: promised (line), in the file (grey), lost (red, on top)',
        most: RATE + 2,
        ticks: [0, 10, 20, 30],
        series: [
          { as: 'bar', values: column('kept') },
          { as: 'lost', values: column('lost'), from: column('kept') },
          { as: 'line', values: column('promised') },
        ],
      },
    ],
  };
}

function caption(take, count) {
  const [lost, back] = [lostOf(take).toFixed(1), told(take.fullQuality)];
  return [
    '![Level of quality, pictures that wait for the encoder, and frames promised, kept and lost, over the seconds of a take.](images/adaptation.svg)',
    `Made by \`npm run bench capture/load\` on ${new Date().toISOString().slice(0, 10)}: 1280×720 at 30 a second (a moving test picture under noise), VP9 at 2.5 Mbit/s, engine \`webcodecs\` in Chromium, ${BUSY} busy workers on ${os.cpus().length} processors. Of ${count} adaptive takes it is the one whose loss is in the middle: ${lost} % of the frames promised under load, full quality ${back} s after its end. Frames are counted in the decoded file; [adaptation.csv](images/adaptation.csv) has the figures.`,
  ].join('\n\n');
}
