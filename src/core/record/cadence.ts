/** Steps between frames that are remembered: about a second of a camera. */
const REMEMBERED = 24;
/** A step longer than this many usual ones is a gap ... */
const LONG = 1.5;
/** ... and one shorter than this follows a frame that was only stamped late: on a busy machine 89 ms and 12 in place of 50 each. */
const SHORT = 0.5;
/** How far a step may be from a whole number of usual ones, in usual ones. */
const JITTER = 0.2;
/** The share of steps that must be as near as that; of steps of any length 0.4 are. */
const STEADY = 0.65;
/** Gaps without a step of the usual length between them, after which the source has become slower. */
const SLOWER = 8;
/** Microseconds. Nothing is lost in a longer gap: the machine slept, or the source was off. */
const LONGEST = 10e6;

/**
 * Tells from the times of frames how many of them never came: given up before anybody could count them, by the track
 * processor's buffer while the worker was held up, or by a camera that got none of its buffers back.
 *
 * Only a steady source has gaps. What a screen or a canvas draws, and when, is its own affair: with a source that is not
 * steady nothing is counted. A canvas may be steady, and then stand still: its next frame comes at once when it is made,
 * so that only frames that had to wait tell of a loss. A camera does not stand still. But it becomes slower when it is
 * dark: what is missing in a gap, or in several, counts once the usual step is back.
 */
export class Cadence {
  #steps: number[] = [];
  #before: number | null = null;
  #lateBefore = false;
  /** What has come since the usual step was left: its microseconds, its steps, the long ones of them. */
  #run = { time: 0, steps: 0, gaps: 0, waited: false };

  /** @param camera whether every gap is a loss, and not only one after which frames were late */
  constructor(private readonly camera: boolean) {}

  /**
   * Takes the time of a frame (microseconds on the source's clock); `late` is whether it has waited for its reader.
   * Answers how many frames are now known to be missing before it.
   */
  add(made: number, late: boolean): number {
    const step = this.#before === null ? 0 : made - this.#before;
    const waited = late || this.#lateBefore;
    this.#before = made;
    this.#lateBefore = late;
    if (step <= 0) return 0;
    const usual = this.#usual();
    const run = this.#run;
    const makesUp = usual !== null && run.steps > 0 && step < SHORT * usual;
    if (!makesUp) this.#steps.push(step);
    if (this.#steps.length > REMEMBERED) this.#steps.shift();
    if (usual === null || step > LONGEST) {
      this.#forget();
      return 0;
    }
    const long = step > LONG * usual;
    if (!long && !makesUp) return this.#settle(usual);
    run.time += step;
    run.steps++;
    run.waited ||= waited;
    if (long) run.gaps++;
    return 0;
  }

  /** Frames a second of the source; null while it is not steady. */
  get rate(): number | null {
    const usual = this.#usual();
    return usual === null ? null : 1e6 / usual;
  }

  /** Whether the usual step was left, and is not back yet. */
  get open(): boolean {
    return this.#run.steps > 0;
  }

  /** What comes next is no step from what was before. */
  interrupt(): void {
    this.#before = null;
    this.#forget();
  }

  /** The usual step is back. */
  #settle(usual: number): number {
    const { time, steps, gaps, waited } = this.#run;
    if (steps === 0) return 0;
    this.#forget();
    const counts = gaps <= SLOWER && (this.camera || waited);
    return counts ? Math.max(0, Math.round(time / usual) - steps) : 0;
  }

  #forget(): void {
    this.#run = { time: 0, steps: 0, gaps: 0, waited: false };
  }

  /** The step of the source, in microseconds; null while it is not steady. */
  #usual(): number | null {
    const steps = this.#steps;
    if (steps.length < REMEMBERED) return null;
    // Where every second frame is lost, most steps are gaps: a quarter is not.
    const short = [...steps].sort((a, b) => a - b)[REMEMBERED >> 2]!;
    const near = steps.filter((step) => Math.abs(step / short - Math.round(step / short)) <= JITTER);
    if (near.length < STEADY * REMEMBERED) return null;
    const single = steps.filter((step) => step < LONG * short);
    return single.reduce((sum, step) => sum + step, 0) / single.length;
  }
}
