import { fault } from '../faults.js';
import { MOST_PENDING, type Engine, type EngineHost, type EngineStart } from './engine.js';
import type { TakeRequest } from './protocol.js';
import type { TakeWriter } from './take-writer.js';
import { Mp4Clock } from './mp4-clock.js';
import { WebmClock } from './webm-clock.js';

/** What is in the file before the first chunk. */
export type Before = Pick<Engine, 'duration' | 'counts'>;

// MediaRecorder does not tell what it leaves out.
const NOTHING: Before = { duration: 0, counts: { frames: 0, framesDropped: null, silence: 0 } };

/**
 * The declared fallback: MediaRecorder in the page encodes and muxes, its chunks are written here as they come. The
 * file has no index and no duration until it is copied into a new one at the end.
 */
export class ChunkEngine implements Engine {
  readonly counts: Engine['counts'];
  /** Reads the media time from the bytes: what is on disk, and not what the page's clock says. */
  readonly #clock: WebmClock | Mp4Clock;
  readonly index = null;
  /** Whether what comes is another recording, behind what is in the file. */
  #follows: boolean;
  #writes: Promise<void> = Promise.resolve();
  #pending = 0;
  /** No more chunks are taken: the page sends them until it has heard that the take ends. */
  #ended = false;
  /** It has told that it cannot go on. */
  #failed = false;
  /** A chunk could not be written: those that wait behind it are of no use. */
  #broken = false;

  constructor(
    private readonly request: TakeRequest,
    private readonly writer: TakeWriter,
    private readonly host: EngineHost,
    private readonly before: Before = NOTHING,
  ) {
    this.counts = { ...before.counts, framesDropped: null };
    this.#follows = writer.size > 0;
    this.#clock = formatOf(request) === 'webm' ? new WebmClock() : new Mp4Clock();
  }

  get duration(): number {
    return this.before.duration + this.#clock.time;
  }

  /** Bytes of chunks that have come and are not on disk yet. */
  get pending(): number {
    return this.#pending;
  }

  start(): Promise<EngineStart> {
    const { mimeType } = this.request;
    return Promise.resolve({ format: formatOf(this.request), mimeType, head: 0, compromises: [] });
  }

  /** @param overlap seconds that it has in common with what came before, where another recorder begins with it */
  chunk(bytes: Uint8Array, overlap = 0): void {
    if (this.#ended) return;
    // The take ends with what is on disk and what waits.
    if (this.#pending + bytes.byteLength > MOST_PENDING && this.#pending > 0) {
      this.#fail(fault('disk-failed', {}, { cause: `${this.#pending} bytes wait to be written.` }));
      return;
    }
    this.#pending += bytes.byteLength;
    this.#writes = this.#writes
      .then(() => this.#write(bytes, overlap))
      .catch((thrown: unknown) => {
        this.#broken = true;
        this.#fail(thrown);
      })
      .finally(() => (this.#pending -= bytes.byteLength));
  }

  // The page ends its MediaRecorder and begins another one; no chunks come meanwhile.
  pause(): void {}

  resume(): void {
    this.#follows = this.writer.size + this.#pending > 0;
  }

  async stop(): Promise<boolean> {
    this.#ended = true;
    await this.#writes;
    if (this.writer.size === 0) throw fault('no-media');
    this.#clock.end();
    return false;
  }

  async abort(): Promise<void> {
    this.#ended = true;
    await this.#writes.catch(() => {});
  }

  async #write(bytes: Uint8Array, overlap: number): Promise<void> {
    if (this.#broken) return;
    // Of a recorder that began when the one before had ended nothing else tells.
    if (overlap > 0 || (this.writer.size > 0 && beginsFile(bytes))) this.#follows = true;
    await this.host.grows(this.writer.size + bytes.byteLength, this.#follows);
    if (overlap > 0) await this.host.overlapped(this.writer.size, overlap);
    await this.writer.append(bytes);
    this.#clock.add(bytes, overlap);
    this.host.media();
  }

  /** What follows a chunk that is missing cannot be played. */
  #fail(thrown: unknown): void {
    if (this.#failed) return;
    this.#failed = this.#ended = true;
    this.host.fail(thrown);
  }
}

/** Whether an MP4 begins with these bytes: with a box of that name. */
const beginsFile = (bytes: Uint8Array): boolean => String.fromCharCode(...bytes.subarray(4, 8)) === 'ftyp';

const formatOf = ({ mimeType }: TakeRequest): EngineStart['format'] => (/\/mp4/.test(mimeType) ? 'mp4' : 'webm');
