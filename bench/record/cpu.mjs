/** What an ordinary take costs the machine, beside a MediaRecorder with the same codec and bitrate; and the frames it lost. */
import { packets } from '../../test/support/ffmpeg.ts';
import { dimRoom, RATE } from '../support/film.mjs';
import { cpuSeconds } from '../support/processes.mjs';
import { table, verdicts } from '../support/report.mjs';
import { startServer } from '../support/server.mjs';
import { median, spread } from '../support/statistics.mjs';
import { interleaved, openTake, seconds } from '../support/take.mjs';

/** What the package takes for 720p30 by itself. */
const BITRATE = 2.5e6;
/** What the package takes for it in WebM wherever it can be sustained. */
const CODEC = 'vp9';
/** Seconds before the measurement: the start of a take costs more than its going on. */
const WARM_UP = 3;

const contenders = [
  { label: 'the camera alone', contender: 'nobody' },
  // Its chunks are kept, 8 MB of them, so that its frames can be counted.
  { label: 'MediaRecorder, VP9', contender: 'array', format: 'webm' },
  { label: 'onair, VP9', contender: 'onair', format: 'webm', against: 'MediaRecorder, VP9', most: 1.15 },
  {
    label: 'onair, VP9, with preview',
    contender: 'onair with preview',
    format: 'webm',
    against: 'MediaRecorder, VP9',
    most: 1.25,
  },
  // Asked for 2.5 Mbit/s of H.264, Chromium's MediaRecorder made 1.3, and asked for 5 it made 2.5.
  { label: 'MediaRecorder, H.264', contender: 'array', format: 'mp4', videoBitrate: 2 * BITRATE },
  { label: 'onair, H.264', contender: 'onair', format: 'mp4', against: 'MediaRecorder, H.264', most: 1.15 },
];

export async function run({ quick, say }) {
  const { rounds, window } = quick ? { rounds: 1, window: 5 } : { rounds: 7, window: 20 };
  const server = await startServer({ codec: CODEC });
  const takes = [];
  try {
    for (const setup of interleaved(contenders, rounds)) {
      const take = {
        ...setup,
        round: Math.floor(takes.length / contenders.length),
        ...(await record(server, setup, window)),
      };
      takes.push(take);
      say(
        `${take.round + 1} of ${rounds}: ${setup.label}, ${take.cpu.toFixed(2)} CPU s, ${take.frames ?? 'no'} frames in ${window} s`,
      );
    }
  } finally {
    await server.close();
  }
  return report(takes, window);
}

async function record(server, setup, window) {
  const take = await openTake(server.page, { videoBitrate: BITRATE, codec: CODEC, ...setup, film: dimRoom() });
  try {
    await take.start();
    const began = performance.now();
    const at = () => (performance.now() - began) / 1000;
    await seconds(WARM_UP);
    const [from, before] = [at(), cpuSeconds(take.browser.pid)];
    await seconds(window);
    const [to, after] = [at(), cpuSeconds(take.browser.pid)];
    const measured = { cpu: after - before, seconds: to - from };
    await seconds(1);
    const { size } = await take.stop();
    if (size === 0) return measured;
    const name = `take.${setup.format}`;
    await take.send(name);
    const pictures = (await packets(server.file(name))).filter(
      ({ type, pts }) => type === 'video' && pts >= from && pts < to,
    );
    const bits = pictures.reduce((sum, packet) => sum + packet.size * 8, 0);
    return { ...measured, frames: pictures.length, bitrate: bits / measured.seconds };
  } finally {
    await take.close();
  }
}

function report(takes, window) {
  const of = (label) => takes.filter((take) => take.label === label);
  const alone = (round) => of('the camera alone').find((take) => take.round === round);
  const ofRound = (label, round) => of(label).find((take) => take.round === round);
  const perFrame = ({ cpu, frames }) => (cpu / frames) * 1000;
  /** Without what camera and browser cost when nobody records. */
  const ownPerFrame = (take) =>
    ((take.cpu / take.seconds - alone(take.round).cpu / alone(take.round).seconds) * take.seconds * 1000) / take.frames;
  const ratios = ({ label, against }, cost) => of(label).map((take) => cost(take) / cost(ofRound(against, take.round)));
  const compared = contenders.filter(({ against }) => against);
  const targets = compared.map((contender) => ({
    claim: `${contender.label}: CPU per encoded frame against ${contender.against}`,
    most: contender.most,
    measured: median(ratios(contender, perFrame)),
  }));
  const rows = contenders.map((contender) => {
    const list = of(contender.label);
    const cores = spread(list.map(({ cpu, seconds }) => cpu / seconds));
    if (contender.contender === 'nobody') return [contender.label, list.length, cores, '–', '–', '–', '–', '–'];
    return [
      contender.label,
      list.length,
      cores,
      spread(list.map(perFrame), 1),
      contender.against ? spread(ratios(contender, perFrame)) : '1',
      contender.against ? spread(ratios(contender, ownPerFrame)) : '1',
      spread(list.map(({ bitrate }) => bitrate / 1e6)),
      spread(
        list.map(({ frames, seconds }) => Math.max(0, 1 - frames / (RATE * seconds)) * 100),
        1,
      ),
    ];
  });
  return [
    verdicts(targets),
    `Windows of ${window} s of each take; median (least to most). Ratios are of takes of the same round.`,
    table(
      [
        'recorder',
        'takes',
        'cores busy',
        'CPU ms a frame',
        'ratio',
        'ratio without the camera',
        'Mbit/s',
        'frames lost, %',
      ],
      rows,
    ),
  ].join('\n\n');
}
