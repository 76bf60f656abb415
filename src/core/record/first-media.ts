import { PictureFitter, takeOut, type PictureSize } from '../encode/index.js';
import type { PcmMessage } from './protocol.js';

/** Seconds that what a take is of may take to come: cold cameras have taken twelve. */
const FIRST_MEDIA = 12;
/** Seconds without it after which the page is asked to let it be read anew. */
const UNSEEN = 1.5;
/** Seconds that a sound beside pictures may take before its rate and channels are assumed. */
const FIRST_SOUND = 0.5;

interface Arrived {
  frame: VideoFrame;
  /** Seconds on the worker's clock. */
  arrival: number;
}

/** The frame that tells the size of a take's pictures: its first one if no other comes. */
export class FirstPicture {
  #kept: Arrived | null = null;
  #give: ((frame: VideoFrame | null) => void) | null = null;

  /**
   * The size of the pictures; null when no frame comes.
   * @param unseen called while none does: a new reader may get one
   */
  async size(frameRate: number | null, unseen: () => void): Promise<PictureSize | null> {
    const first = new Promise<VideoFrame | null>((resolve) => (this.#give = resolve));
    const timer = setTimeout(() => this.give(null), FIRST_MEDIA * 1000);
    const asking = setInterval(unseen, UNSEEN * 1000);
    const frame = await first;
    clearTimeout(timer);
    clearInterval(asking);
    if (!frame) return null;
    this.#kept = { frame, arrival: performance.now() / 1000 };
    const size = { ...PictureFitter.sizeOf(frame), frameRate: frameRate || 30 };
    // It waits for another one, and a camera that lacks its buffer may give none.
    const own = await takeOut(frame);
    if (this.#kept) this.#kept.frame = own;
    else own.close();
    return size;
  }

  /** A frame that came before there was anything to take it, which owns it from then on; null when none will. */
  give(frame: VideoFrame | null): void {
    const give = this.#give;
    this.#give = null;
    if (give) give(frame);
    else frame?.close();
  }

  /** Hands it over to whoever asks first. */
  take(): Arrived | null {
    const kept = this.#kept;
    this.#kept = null;
    return kept;
  }

  /** What was kept stands still after a pause as it did before: the time between is none of the take's. */
  renew(): void {
    if (this.#kept) this.#kept.arrival = performance.now() / 1000;
  }

  forget(): void {
    this.take()?.frame.close();
  }
}

/** One block of samples, as it came. */
export interface Sound extends PcmMessage {
  /** Seconds on the worker's clock. */
  arrival: number;
}

/** The sound that comes before there is anything to take it: the first of it tells rate and channels. */
export class FirstSound {
  #blocks: Sound[] = [];
  #onFirst = () => {};

  get came(): boolean {
    return this.#blocks.length > 0;
  }

  give(sound: Sound): void {
    this.#blocks.push(sound);
    this.#onFirst();
  }

  /** @param alone whether there is nothing else to record */
  async shape(alone: boolean): Promise<{ sampleRate: number; channels: number }> {
    if (!this.came) {
      await new Promise<void>((resolve) => {
        this.#onFirst = resolve;
        setTimeout(resolve, (alone ? FIRST_MEDIA : FIRST_SOUND) * 1000);
      });
    }
    const [first] = this.#blocks;
    return first
      ? { sampleRate: first.sampleRate, channels: first.planes.length }
      : { sampleRate: 48_000, channels: 1 };
  }

  /** All of it, in order; it is kept no longer. */
  take(): Sound[] {
    return this.#blocks.splice(0);
  }
}
