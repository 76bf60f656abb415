import {
  EncodedAudioPacketSource,
  EncodedPacket,
  EncodedVideoPacketSource,
  Mp4OutputFormat,
  Output,
  StreamTarget,
  WebMOutputFormat,
} from 'mediabunny';
import type { AudioCodec, VideoCodec } from '../encode/index.js';
import { MOST_PENDING } from './engine.js';
import { forgetFragments } from './forget-fragments.js';
import { HeldBack } from './held-back.js';
import type { RecordFormat } from './journal.js';
import { MovieIndex } from './repair/index.js';

/**
 * Seconds between key frames. A cut-off WebM is walked block by block, so its key frames are only for seeking; an MP4
 * loses the fragment that was open, so its fragments are short, and a little shorter than the distance of the keys, or
 * every second key would fall just before the limit and fragments would double.
 */
export const KEY_INTERVAL: Record<RecordFormat, number> = { webm: 2, mp4: 0.5 };
const FRAGMENT = 0.4;

/** Where more than `MOST_PENDING` has waited, no pictures are to be made until no more than this waits. */
const DRAINED = 4 * 2 ** 20;

/** Bytes behind a key frame from which another one is due in an MP4: until then it keeps the fragment in memory. */
const MOST_OPEN = 8 * 2 ** 20;

export interface Packet {
  data: Uint8Array;
  key: boolean;
  /** Seconds from the start of the take. */
  timestamp: number;
  duration: number;
}

/** Packets in, bytes at offsets out. Everything about containers is mediabunny's. */
export class Mux {
  #output: Output;
  #video: EncodedVideoPacketSource | null = null;
  #audio: EncodedAudioPacketSource | null = null;
  #failed = false;
  #head = 0;
  #waiting = 0;
  #full = false;
  /** Bytes of pictures since the last key frame, with it. */
  #open = 0;
  #index: MovieIndex | null = null;
  readonly #held: HeldBack;
  /** Tracks of which there is a packet. */
  readonly #begun = new Set<'video' | 'audio'>();

  /** @param onFailure called once, when a write or the container is refused; the file may then be repaired in place */
  constructor(
    private readonly format: RecordFormat,
    tracks: { video: VideoCodec | null; audio: AudioCodec | null },
    write: (bytes: Uint8Array, at: number) => Promise<void>,
    private readonly onFailure: (thrown: unknown) => void,
  ) {
    const sink = new WritableStream<{ data: Uint8Array; position: number }>({
      write: ({ data, position }) => {
        if (this.#begun.size === 0) this.#head = position + data.byteLength;
        return write(data, position).catch((thrown: unknown) => {
          this.#fail(thrown);
          throw thrown;
        });
      },
    });
    this.#output = new Output({
      format:
        format === 'webm'
          ? new WebMOutputFormat({ minimumClusterDuration: 1 })
          : new Mp4OutputFormat({
              fastStart: 'fragmented',
              minimumFragmentDuration: FRAGMENT,
              onMoov: (moov) => (this.#index = MovieIndex.on(moov)),
              onMoof: (moof, at) => {
                this.#index?.write(moof, at);
                forgetFragments(this.#output);
              },
            }),
      target: new StreamTarget(sink),
    });
    this.#held = new HeldBack((['video', 'audio'] as const).filter((track) => tracks[track]));
    if (tracks.video) {
      this.#video = new EncodedVideoPacketSource(tracks.video);
      this.#output.addVideoTrack(this.#video);
    }
    if (tracks.audio) {
      this.#audio = new EncodedAudioPacketSource(tracks.audio);
      this.#output.addAudioTrack(this.#audio);
    }
  }

  start(): Promise<void> {
    return this.#output.start();
  }

  /** Whether disk, or sound, is so far behind that pictures have to be given up. */
  get full(): boolean {
    return this.#full;
  }

  /** Whether pictures are so far behind that no more sound can be kept for them: it is never given up. */
  get deaf(): boolean {
    return this.#held.of('audio') > MOST_PENDING;
  }

  /** Whether so much lies behind the last key frame that another one is due. */
  get keyDue(): boolean {
    return this.format === 'mp4' && this.#open > MOST_OPEN;
  }

  /** What a plain MP4 tells at its end, of all that was written; null of another format. */
  get index(): MovieIndex | null {
    return this.#index;
  }

  /** Bytes of the file before the first packet. */
  get head(): number {
    return this.#head;
  }

  /** Whether there is a packet of this track. */
  has(track: 'video' | 'audio'): boolean {
    return this.#begun.has(track);
  }

  /** Bytes of packets that wait for the disk. */
  get waiting(): number {
    return this.#waiting;
  }

  /** @param taken called when the container has taken it, with all that had to be written before */
  addVideo(packet: Packet, meta?: EncodedVideoChunkMetadata, taken?: () => void): void {
    this.#begun.add('video');
    this.#open = packet.data.byteLength + (packet.key ? 0 : this.#open);
    void this.#add('video', packet, async () => this.#video?.add(toPacket(packet), meta)).then(taken);
  }

  addAudio(packet: Packet, meta?: EncodedAudioChunkMetadata): void {
    this.#begun.add('audio');
    void this.#add('audio', packet, async () => this.#audio?.add(toPacket(packet), meta));
  }

  /** The MIME type with the codecs' exact strings; known after the first packet of each track. */
  mimeType(): Promise<string> {
    return this.#output.getMimeType();
  }

  /** Writes what is held, the index and the duration. Answers whether all of it, from the start, was written. */
  async finish(): Promise<boolean> {
    if (!this.#failed) await this.#output.finalize().catch((thrown: unknown) => this.#fail(thrown));
    return !this.#failed;
  }

  /** The muxer takes a packet when the disk has taken what it wrote before. Until then the packet waits in memory. */
  async #add(track: 'video' | 'audio', packet: Packet, add: () => Promise<void>): Promise<void> {
    const { byteLength } = packet.data;
    this.#wait(byteLength);
    await add().catch((thrown: unknown) => this.#fail(thrown));
    if (!this.#failed) this.#held.take(track, packet);
    this.#wait(-byteLength);
  }

  /** Sound that waits for pictures is not counted: giving up pictures would have it wait for ever. */
  #wait(bytes: number): void {
    this.#waiting += bytes;
    const pending = this.#waiting + this.#held.of('video');
    if (pending > MOST_PENDING) this.#full = true;
    else if (pending <= DRAINED) this.#full = false;
  }

  #fail(thrown: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.onFailure(thrown);
  }
}

function toPacket({ data, key, timestamp, duration }: Packet): EncodedPacket {
  return new EncodedPacket(data, key ? 'key' : 'delta', timestamp, duration);
}
