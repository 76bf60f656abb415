import { CircularBuffer } from '../buffer/index.js';
import { drain, type OpenSoundEncoder, type SoundEncoder, soundOf, StallWatch } from '../encode/index.js';
import type { OnAirError } from '../errors.js';
import { fault } from '../faults.js';
import type { Metrics } from '../metrics/index.js';
import { AudioTimeline } from './audio-timeline.js';
import type { Packet } from './mux.js';

/** An encoder that fails is made again this many times without a packet from it; then the take ends, complete. */
const MOST_REBUILDS = 5;
/** Seconds of sound that an encoder may hold back: one that got more, and gives nothing, owes a packet. */
const HELD_BACK = 0.5;
/** Blocks of which it is known when the encoder got them: more than any encoder holds back. */
const BLOCKS_KNOWN = 64;

export interface AudioLaneOptions {
  config: AudioEncoderConfig;
  open: OpenSoundEncoder;
  metrics: Metrics;
  onPacket(packet: Packet, meta?: EncodedAudioChunkMetadata): void;
  /** The encoder cannot be kept alive. */
  onFailure(error: OnAirError): void;
}

/** Samples to packets: brings blocks to the take's rate and channels, places them on its time line and encodes them. */
export class AudioLane {
  readonly timeline: AudioTimeline;
  #encoder: SoundEncoder | null;
  #closed = false;
  #rebuilds = 0;
  #packets = 0;
  #cause: unknown;
  /** Samples that the encoder got since the last packet came out of it, and since when it owes the next (seconds). */
  #unanswered = 0;
  #owing: number | null = null;
  readonly #stall = new StallWatch();
  /** When the encoder got samples, and where they end on the time line (seconds). */
  readonly #given = new CircularBuffer<{ readonly end: number; readonly started: number }>(BLOCKS_KNOWN);

  constructor(private readonly options: AudioLaneOptions) {
    const { config } = options;
    this.timeline = new AudioTimeline(config.sampleRate, config.numberOfChannels, (planes, start) =>
      this.#encode(planes, start),
    );
    this.#encoder = this.#open();
  }

  /** Seconds of sound on the time line. */
  get end(): number {
    return this.timeline.written / this.timeline.sampleRate;
  }

  take(planes: Float32Array[], sampleRate: number, arrival: number, pictureDrift: number): void {
    const { sampleRate: rate, channels } = this.timeline;
    const mapped = toChannels(planes, channels);
    const resampled = sampleRate === rate ? mapped : mapped.map((plane) => resample(plane, sampleRate, rate));
    this.timeline.push(resampled, arrival, pictureDrift);
  }

  /** Lets an encoder go that stalls; call it a few times a second. @param now seconds, by `performance.now()` */
  look(now: number): void {
    const cause = this.#stall.look(this.#owing, now);
    if (cause) this.#lose(cause);
  }

  /** Waits until everything has come out, or nothing does any more. */
  async finish(): Promise<void> {
    if (this.#encoder) await drain(this.#encoder.flush(), () => this.#packets);
    this.close();
  }

  close(): void {
    this.#closed = true;
    this.#encoder?.close();
    this.#encoder = null;
  }

  #open(): SoundEncoder {
    const { config, open, onPacket } = this.options;
    const encoder = open({
      config,
      onPacket: (packet, meta) => {
        // One that was let go may give late what would lie before the packets of the next.
        if (this.#encoder !== encoder) return;
        this.#answered();
        this.#rebuilds = 0;
        this.#packets++;
        this.#time(packet.timestamp + packet.duration);
        onPacket({ ...packet, key: true }, meta);
      },
      onFailure: (cause) => {
        if (this.#encoder === encoder) this.#lose(cause);
      },
    });
    return encoder;
  }

  /** The time from the last samples of a packet going to the encoder until it is out. @param end of the packet, in seconds */
  #time(end: number): void {
    const given = this.#given;
    // Times of packets are whole microseconds.
    while (given.length > 1 && given.at(0)!.end < end - 1e-5) given.shift();
    const last = given.at(0);
    if (last) this.options.metrics.end('encode:sound', last.started);
  }

  #lose(cause: unknown): void {
    this.#cause = cause;
    this.#encoder?.close();
    this.#encoder = null;
    this.#answered();
  }

  #answered(): void {
    this.#unanswered = 0;
    this.#owing = null;
  }

  /** As that of pictures, a lost encoder is made again for the next samples, and not in the pause that it was lost in. */
  #ready(): SoundEncoder | null {
    if (this.#encoder || this.#closed || this.#rebuilds > MOST_REBUILDS) return this.#encoder;
    if (this.#rebuilds++ === MOST_REBUILDS) {
      this.options.onFailure(fault('encoder-failed', {}, { cause: this.#cause }));
      return null;
    }
    try {
      this.#encoder = this.#open();
    } catch (thrown) {
      this.#cause = thrown;
    }
    return this.#encoder;
  }

  #encode(planes: Float32Array[], start: number): void {
    const encoder = this.#ready();
    if (!encoder) return;
    const frames = planes[0]!.length;
    const data = new Float32Array(frames * planes.length);
    planes.forEach((plane, channel) => data.set(plane, channel * frames));
    const { sampleRate } = this.timeline;
    const samples = soundOf(data, this.options.config, Math.round((start * 1e6) / sampleRate));
    const started = this.options.metrics.start('encode:sound');
    this.#given.push({ end: (start + frames) / sampleRate, started });
    this.#unanswered += frames;
    if (this.#unanswered > HELD_BACK * sampleRate) this.#owing ??= performance.now() / 1000;
    try {
      encoder.encode(samples);
    } catch (thrown) {
      this.#lose(thrown);
    } finally {
      samples.close();
    }
  }
}

/** Copies the samples out, planar, and closes what was given. */
export function planesOf(audio: AudioData): Float32Array[] {
  try {
    return Array.from({ length: audio.numberOfChannels }, (_, planeIndex) => {
      const plane = new Float32Array(audio.numberOfFrames);
      audio.copyTo(plane, { planeIndex, format: 'f32-planar' });
      return plane;
    });
  } finally {
    audio.close();
  }
}

function toChannels(planes: Float32Array[], channels: number): Float32Array[] {
  if (planes.length === channels) return planes;
  if (planes.length === 1) return Array.from({ length: channels }, () => planes[0]!);
  if (channels === 1) {
    const mono = new Float32Array(planes[0]!.length);
    for (const plane of planes)
      for (let index = 0; index < mono.length; index++) mono[index]! += plane[index]! / planes.length;
    return [mono];
  }
  return planes.slice(0, channels);
}

/** Linear: only for a device that changes its rate in the middle of a take, never in the normal path. */
function resample(plane: Float32Array, from: number, to: number): Float32Array {
  const out = new Float32Array(Math.round((plane.length * to) / from));
  for (let index = 0; index < out.length; index++) {
    const at = Math.min((index * from) / to, plane.length - 1);
    const left = Math.floor(at);
    const right = Math.min(left + 1, plane.length - 1);
    out[index] = plane[left]! + (plane[right]! - plane[left]!) * (at - left);
  }
  return out;
}
