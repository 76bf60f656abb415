/**
 * Long recordings in a player: how long it takes from a file to its first picture, and to that of a jump to 80 %, of what the
 * package leaves of a take and of the same packets as others leave them.
 */
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import {
  ALL_FORMATS,
  BufferSource,
  EncodedAudioPacketSource,
  EncodedPacketSink,
  EncodedVideoPacketSource,
  Input,
  Output,
  StreamTarget,
  WebMOutputFormat,
} from 'mediabunny';
import { Mux } from '../../src/core/record/mux.ts';
import { finishMp4 } from '../../src/core/record/repair/index.ts';
import { ffmpeg } from '../../test/support/ffmpeg.ts';
import { launch } from '../support/browser.mjs';
import { cache } from '../support/folders.mjs';
import { table } from '../support/report.mjs';
import { startServer } from '../support/server.mjs';
import { spread } from '../support/statistics.mjs';
import { interleaved } from '../support/take.mjs';

/** Seconds after which a player is given up. */
const PATIENCE = 60;

const contenders = [
  { label: 'onair, MP4', format: 'mp4', leave: onair },
  { label: 'MP4 in fragments', format: 'mp4', leave: fragmented },
  { label: 'onair, WebM', format: 'webm', leave: onair },
  { label: 'WebM without an index', format: 'webm', leave: unindexed },
];

export async function run({ quick, say }) {
  const { lengths, rounds } = quick ? { lengths: [1], rounds: 1 } : { lengths: [1, 10, 60], rounds: 3 };
  const folder = path.join(cache, 'open');
  mkdirSync(folder, { recursive: true });
  const server = await startServer();
  const shows = [];
  try {
    const sources = { mp4: await makeSource(folder, 'mp4'), webm: await makeSource(folder, 'webm') };
    for (const minutes of lengths) {
      const setups = [];
      for (const contender of contenders) {
        const file = path.join(folder, `${setups.length}.${contender.format}`);
        const source = await packetsOf(sources[contender.format]);
        const size = await onDisk(file, (disk) =>
          contender.leave(disk, contender.format, rounded(source, minutes * 60)),
        );
        for (const browser of ['chromium', 'firefox']) setups.push({ ...contender, browser, minutes, file, size });
      }
      for (const setup of interleaved(setups, rounds)) {
        const show = { ...setup, ...(await open(server.page, setup)) };
        shows.push(show);
        say(`${setup.label}, ${minutes} min, ${setup.browser}: ${ms(show.first)}, then ${ms(show.jump)}`);
      }
    }
  } finally {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return report(shows, lengths);
}

const ms = (value) => (value === null ? 'given up' : `${value.toFixed(0)} ms`);

/** Half a minute of noise over grey, and in sound. */
async function makeSource(folder, format) {
  const file = path.join(folder, `source.${format}`);
  const rate = ['-b:v', '4M', '-maxrate', '4M', '-bufsize', '1M', '-pix_fmt', 'yuv420p'];
  const codecs =
    format === 'mp4'
      ? ['-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '0', '-g', '15', ...rate, '-c:a', 'aac']
      : ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-g', '60', ...rate, '-c:a', 'libopus'];
  await ffmpeg(
    ...['-f', 'lavfi', '-i', 'color=gray:s=1280x720:r=30,noise=alls=30:allf=t'],
    ...['-f', 'lavfi', '-i', 'anoisesrc=a=0.2:r=48000', '-t', '30', ...codecs, '-b:a', '128k', '-y', file],
  );
  return file;
}

/** The packets of a file by track, with what its decoder needs. */
async function packetsOf(file) {
  const input = new Input({ source: new BufferSource(readFileSync(file)), formats: ALL_FORMATS });
  const tracks = {};
  for (const track of await input.getTracks()) {
    const packets = [];
    for await (const packet of new EncodedPacketSink(track).packets()) packets.push(packet);
    const meta = { decoderConfig: await track.getDecoderConfig() };
    tracks[track.type] = { codec: await track.getCodec(), meta, packets };
  }
  return tracks;
}

/** The same packets again and again, picture and sound in the order of their times. */
function rounded({ video, audio }, seconds) {
  function* again({ packets }, type) {
    const { timestamp, duration } = packets.at(-1);
    for (let at = 0; ; at += timestamp + duration)
      for (const packet of packets) yield { type, packet, time: Math.max(0, packet.timestamp) + at };
  }
  function* all() {
    const [pictures, sounds] = [again(video, 'video'), again(audio, 'audio')];
    for (let picture = pictures.next().value, sound = sounds.next().value; picture.time < seconds;) {
      const first = picture.time <= sound.time ? picture : sound;
      yield first;
      if (first === picture) picture = pictures.next().value;
      else sound = sounds.next().value;
    }
  }
  return { video, audio, packets: all() };
}

/** Calls `write` with a disk on a new file; answers its size. */
async function onDisk(file, write) {
  const fd = openSync(file, 'w+');
  try {
    const disk = {
      get size() {
        return fstatSync(fd).size;
      },
      read: (into, at) => readSync(fd, into, 0, into.length, at),
      write: (bytes, at) => void writeSync(fd, bytes, 0, bytes.length, at),
      truncate: (size) => ftruncateSync(fd, size),
      flush() {},
      close() {},
    };
    await write(disk);
    return disk.size;
  } finally {
    closeSync(fd);
  }
}

/** By the package's own muxer, and what it does when a take ends. */
async function onair(disk, format, take) {
  const { index } = await muxed(disk, format, take);
  if (index) await finishMp4(disk, index);
}

/** Without what it does when a take ends: as muxers leave an MP4 that they wrote piece by piece, with an index at its end. */
function fragmented(disk, format, take) {
  return muxed(disk, format, take);
}

async function muxed(disk, format, { video, audio, packets }) {
  const tracks = { video: video.codec, audio: audio.codec };
  const mux = new Mux(
    format,
    tracks,
    async (bytes, at) => disk.write(bytes, at),
    (thrown) => {
      throw thrown;
    },
  );
  await mux.start();
  let sent = 0;
  for (const { type, packet, time } of packets) {
    const { data, duration } = packet;
    const given = { data, key: packet.type === 'key', timestamp: time, duration };
    if (type === 'video') mux.addVideo(given, video.meta);
    else mux.addAudio(given, audio.meta);
    // It takes packets as a task of its own: whoever gives them by the thousand has to let it.
    if (++sent % 64 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  if (!(await mux.finish())) throw new Error('The muxer could not write all of it.');
  return mux;
}

/** As MediaRecorder leaves a WebM: written from front to end, without a duration or an index. */
async function unindexed(disk, _, { video, audio, packets }) {
  const writable = new WritableStream({ write: ({ data, position }) => disk.write(data, position) });
  const output = new Output({ format: new WebMOutputFormat({ appendOnly: true }), target: new StreamTarget(writable) });
  const lanes = { video: new EncodedVideoPacketSource(video.codec), audio: new EncodedAudioPacketSource(audio.codec) };
  output.addVideoTrack(lanes.video);
  output.addAudioTrack(lanes.audio);
  await output.start();
  const metas = { video: video.meta, audio: audio.meta };
  for (const { type, packet, time } of packets) await lanes[type].add(packet.clone({ timestamp: time }), metas[type]);
  await output.finalize();
}

/** Milliseconds to the first picture, and of a jump to 80 %; null where a player was given up. */
async function open(page, { browser: name, file, minutes }) {
  const browser = await launch(name);
  try {
    const tab = await browser.open(page);
    const input = await tab.evaluateHandle(() => {
      const made = document.createElement('input');
      made.type = 'file';
      document.body.append(made);
      return made;
    });
    await input.uploadFile(file);
    return await tab.evaluate(
      async (chosen, seconds, patience) => {
        const video = document.createElement('video');
        video.muted = true;
        document.body.append(video);
        let late;
        const lateness = new Promise((resolve) => (late = setTimeout(() => resolve(null), patience * 1000)));
        const took = async (event, act) => {
          const began = performance.now();
          const over = new Promise((resolve) => video.addEventListener(event, resolve, { once: true }));
          act();
          return Promise.race([over.then(() => performance.now() - began), lateness]);
        };
        const first = await took('loadeddata', () => (video.src = URL.createObjectURL(chosen.files[0])));
        const { duration } = video;
        const jump = first === null ? null : await took('seeked', () => (video.currentTime = 0.8 * seconds));
        clearTimeout(late);
        return { first, jump, duration: Number.isFinite(duration) ? duration : null };
      },
      input,
      minutes * 60,
      PATIENCE,
    );
  } finally {
    await browser.close();
  }
}

function report(shows, lengths) {
  const rows = lengths.flatMap((minutes) =>
    contenders.flatMap(({ label }) =>
      ['chromium', 'firefox'].map((browser) => {
        const list = shows.filter(
          (show) => show.label === label && show.minutes === minutes && show.browser === browser,
        );
        const figures = (pick) => {
          const found = list.map(pick).filter((value) => value !== null);
          const lacking = list.length - found.length;
          return `${found.length > 0 ? spread(found, 0) : '–'}${lacking > 0 ? `, ${lacking} given up` : ''}`;
        };
        const told = list.filter(({ duration }) => duration !== null && Math.abs(duration - minutes * 60) < 1).length;
        return [
          `${label}, ${minutes} min`,
          browser,
          list.length,
          (list[0].size / 1e6).toFixed(0),
          figures(({ first }) => first),
          figures(({ jump }) => jump),
          `${told} of ${list.length}`,
        ];
      }),
    ),
  );
  const columns = ['file', 'engine', 'times', 'MB', 'to the first picture, ms', 'jump to 80 %, ms', 'duration told'];
  return `Median (least to most).\n\n${table(columns, rows)}`;
}
