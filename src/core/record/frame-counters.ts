import type { Counter, Metrics } from '../metrics/index.js';
import type { FrameVerdict } from '../frames/index.js';

/** Why a frame that has arrived was left out, or given up: `disk`, when it is that which is behind. */
export type DropCause = Exclude<FrameVerdict, 'take'> | 'disk';

/** What becomes of the frames of a take, by cause. */
export class FrameCounters {
  readonly #captured: Counter;
  readonly #taken: Counter;
  /** `encoder`: it could not take them, or was gone before they came out. `source`: they never arrived. */
  readonly #dropped: Record<DropCause | 'encoder' | 'source', Counter>;
  /** Frames that never arrived, wanted or not. */
  #missing = 0;

  constructor(metrics: Metrics) {
    const dropped = (cause: string) => metrics.counter(`frames:dropped:${cause}`);
    this.#captured = metrics.counter('frames:captured');
    this.#taken = metrics.counter('frames:taken');
    this.#dropped = {
      rate: dropped('rate'),
      queue: dropped('queue'),
      late: dropped('late'),
      disk: dropped('disk'),
      encoder: dropped('encoder'),
      source: dropped('source'),
    };
  }

  /** Frames that the source made, with those that never arrived. */
  get captured(): number {
    return this.#captured.value + this.#missing;
  }

  /** Given to an encoder. */
  get taken(): number {
    return this.#taken.value;
  }

  /** Wanted, and not in the file. What was left out to keep the rate was not wanted. */
  get dropped(): number {
    return this.givenUp + this.missed + this.#dropped.encoder.value;
  }

  /** Of those, the ones that were given up because something was behind. */
  get givenUp(): number {
    const { queue, late, disk } = this.#dropped;
    return queue.value + late.value + disk.value;
  }

  /** Of those, the ones that never arrived. */
  get missed(): number {
    return this.#dropped.source.value;
  }

  capture(frames = 1): void {
    this.#captured.add(frames);
  }

  take(): void {
    this.#taken.add();
  }

  drop(cause: DropCause, frames = 1): void {
    this.#dropped[cause].add(frames);
  }

  lose(frames: number): void {
    this.#dropped.encoder.add(frames);
  }

  /**
   * Frames that never arrived; of them, only a share would have been taken.
   * @param held whether it was the disk that kept them from being taken in: then they came as far as to here
   */
  miss(frames: number, share: number, held: boolean): void {
    const wanted = Math.round(frames * share);
    if (!held) {
      this.#missing += frames;
      this.#dropped.source.add(wanted);
      return;
    }
    this.#captured.add(frames);
    this.#dropped.disk.add(wanted);
    this.#dropped.rate.add(frames - wanted);
  }
}
