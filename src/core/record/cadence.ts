/** Steps between frames that are remembered: half a second of a camera. */
const REMEMBERED = 16;
/** A step longer than this many usual ones is a gap. */
const GAP = 1.5;
/** How far a step may be from a whole number of usual ones, in usual ones. */
const JITTER = 0.2;
/** The share of steps that must be as near as that. */
const STEADY = 0.75;
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
 * dark: a gap counts once the usual step is back.
 */
export class Cadence {
  #steps: number[] = [];
  #before: number | null = null;
  #lateBefore = false;
  #suspected = 0;
  #gaps = 0;

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
    this.#steps.push(step);
    if (this.#steps.length > REMEMBERED) this.#steps.shift();
    if (usual === null || step > LONGEST) return this.#settle(0);
    if (step <= GAP * usual) return this.#settle(this.#suspected);
    if (this.camera || waited) this.#suspected += Math.round(step / usual) - 1;
    if (++this.#gaps > SLOWER) this.#suspected = 0;
    return 0;
  }

  /** What comes next is no step from what was before. */
  interrupt(): void {
    this.#before = null;
    this.#settle(0);
  }

  #settle(missing: number): number {
    this.#suspected = this.#gaps = 0;
    return missing;
  }

  /** The step of the source, in microseconds; null while it is not steady. */
  #usual(): number | null {
    const steps = this.#steps;
    if (steps.length < REMEMBERED) return null;
    // Where every second frame is lost, most steps are gaps: a quarter is not.
    const short = [...steps].sort((a, b) => a - b)[REMEMBERED >> 2]!;
    const near = steps.filter((step) => Math.abs(step / short - Math.round(step / short)) <= JITTER);
    if (near.length < STEADY * REMEMBERED) return null;
    const single = steps.filter((step) => step < GAP * short);
    return single.reduce((sum, step) => sum + step, 0) / single.length;
  }
}
