/** What is done with a frame: it is taken, or dropped because of the rate, a full queue, or its age. */
export type FrameVerdict = 'take' | 'rate' | 'queue' | 'late';

export interface FrameProcessorOptions {
  /** Frames a second to be taken at most; null for all. */
  frameRate?: number | null;
  /** Frames that may wait for whoever takes them; more are dropped. Default 4. */
  maxQueue?: number;
  /** Seconds after which a frame is of no use any more; null for never. Default null. */
  deadline?: number | null;
}

export interface FrameCounts {
  readonly arrived: number;
  readonly taken: number;
  /** Dropped to keep the rate: wanted, and no loss. */
  readonly rate: number;
  readonly queue: number;
  readonly late: number;
}

/**
 * Share of the interval by which a frame may come before it is due. Cameras jitter by some milliseconds, and one that
 * makes 30 frames a second must not become one of 20 because every other frame came a little early.
 */
const SLACK = 0.5;

/**
 * Decides frame by frame, from the frames' own timestamps: no timer, no clock. Frames are due at even distances, and
 * what comes next to such a moment is taken, so that the mean rate is met exactly.
 */
export class FrameProcessor {
  #frameRate: number | null;
  #maxQueue: number;
  #deadline: number | null;
  /** Seconds on the source's clock. */
  #due: number | null = null;
  #counts = { arrived: 0, taken: 0, rate: 0, queue: 0, late: 0 };

  constructor({ frameRate = null, maxQueue = 4, deadline = null }: FrameProcessorOptions = {}) {
    this.#frameRate = frameRate;
    this.#maxQueue = maxQueue;
    this.#deadline = deadline;
  }

  get frameRate(): number | null {
    return this.#frameRate;
  }

  /** Takes effect with the next frame. */
  set frameRate(frameRate: number | null) {
    this.#frameRate = frameRate !== null && frameRate > 0 ? frameRate : null;
    this.#due = null;
  }

  get counts(): FrameCounts {
    return { ...this.#counts };
  }

  /** Share of the frames that were wanted and are lost, 0 to 1. */
  get lossRate(): number {
    const { taken, queue, late } = this.#counts;
    return taken + queue + late > 0 ? (queue + late) / (taken + queue + late) : 0;
  }

  /**
   * @param timestamp seconds on the source's clock
   * @param queued frames that wait already
   * @param age seconds since the frame was made, where they are known
   */
  decide(timestamp: number, queued = 0, age = 0): FrameVerdict {
    const verdict = this.#judge(timestamp, queued, age);
    this.#counts.arrived++;
    if (verdict === 'take') this.#counts.taken++;
    else this.#counts[verdict]++;
    return verdict;
  }

  /** Counts from zero; what is due stays. */
  reset(): void {
    this.#counts = { arrived: 0, taken: 0, rate: 0, queue: 0, late: 0 };
  }

  #judge(timestamp: number, queued: number, age: number): FrameVerdict {
    if (!this.#isDue(timestamp)) return 'rate';
    // A frame that is lost has had its turn: the next one is not taken in its place at once.
    if (this.#deadline !== null && age > this.#deadline) return 'late';
    return queued >= this.#maxQueue ? 'queue' : 'take';
  }

  #isDue(timestamp: number): boolean {
    if (this.#frameRate === null) return true;
    const interval = 1 / this.#frameRate;
    const due = this.#due;
    // The first frame, a clock that was set back, or a source that paused: counting begins anew.
    if (due === null || timestamp < due - 2 * interval || timestamp > due + 2 * interval) {
      this.#due = timestamp + interval;
      return true;
    }
    if (timestamp < due - SLACK * interval) return false;
    this.#due = due + interval;
    return true;
  }
}
