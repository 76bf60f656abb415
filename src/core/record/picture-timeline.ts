import { Cadence } from './cadence.js';
import { Lag } from './lag.js';

/** Microseconds between two pictures: a file that counts milliseconds would give nearer ones the same time. */
const LEAST_STEP = 1000;
/** Seconds. A frame that was made so long before the last one, or comes so much sooner than any has, tells that its clock was set. */
const JUMP = 1;

/**
 * Puts frames on the take's time line by their own times, from 0: the twin of `AudioTimeline`.
 *
 * Where the take's zero lies on the source's clock is one number, `#origin`. It is moved by every pause, by another source,
 * and with a clock that begins anew or jumps, as that of a shared tab does when another one is shared in its place: what
 * comes first then is laid where it arrives.
 *
 * Pure: `arrival` is any monotonic clock in seconds that sound is stamped with too. All other times are microseconds.
 */
export class PictureTimeline {
  #lag = new Lag();
  /** The least lag, in seconds, since the source's clock began. */
  #quickest = Infinity;
  #cadence: Cadence;
  #origin: number | null = null;
  #anchoredLag = 0;
  /** Where the take's zero lies on the clock of arrival, when no frame could tell it after a pause. */
  #standInZero: number | null = null;
  #lastSource = -Infinity;
  #lastArrival = -Infinity;
  #last = -1;
  #interval: number;
  #waited: number | null = null;
  #missing = 0;
  #paused = false;
  /** Where the first picture after a pause is laid, until it is. */
  #resumeAt: number | null = null;

  /** @param camera whether the source is a camera: then every gap in its times is a loss */
  constructor(frameRate: number, camera: boolean) {
    this.#interval = Math.round(1e6 / frameRate);
    this.#cadence = new Cadence(camera);
  }

  /** The usual distance between two pictures. */
  get interval(): number {
    return this.#interval;
  }

  /** Seconds: the end of the last picture. */
  get end(): number {
    return this.#last < 0 ? 0 : (this.#last + this.#interval) / 1e6;
  }

  /** When the last frame came (seconds on the clock of arrival). */
  get lastArrival(): number {
    return this.#lastArrival;
  }

  /** Seconds that the last frame took to come, beyond the quickest of the last seconds; null where its time tells nothing. */
  get waited(): number | null {
    return this.#waited;
  }

  /** Frames before the last one that never came, as far as its time tells. */
  get missing(): number {
    return this.#missing;
  }

  /** Whether there is a gap of which it is not known yet how many frames are missing in it. */
  get open(): boolean {
    return this.#cadence.open;
  }

  /** Frames a second that the source makes; null while it is not steady. */
  get rate(): number | null {
    return this.#cadence.rate;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /**
   * Where the take's zero lies on the clock of arrival, by what has arrived so far; `drift` counts from here.
   * Null before the first frame, and after a pause until the next one.
   */
  anchor(): number | null {
    if (this.#origin === null || this.#paused || this.#resumeAt !== null) return null;
    this.#anchoredLag = this.#lag.least;
    return this.#anchoredLag + this.#origin / 1e6;
  }

  /** Seconds by which the least lag has moved since `anchor()`. */
  get drift(): number {
    const least = this.#lag.least;
    return Number.isFinite(least) ? least - this.#anchoredLag : 0;
  }

  /**
   * Takes the time of a frame that has just arrived, on the source's clock; answers that in the take, or null when it
   * comes too late for its place.
   */
  push(source: number, arrival: number): number | null {
    this.#lastArrival = arrival;
    const made = this.#read(source, arrival);
    if (this.#origin === null) {
      this.#origin = made;
      if (this.#standInZero !== null) {
        this.#origin -= (arrival - this.#standInZero) * 1e6;
        this.#anchoredLag = arrival - made / 1e6;
      }
    }
    if (this.#resumeAt !== null) {
      this.#origin = made - this.#resumeAt;
      this.#resumeAt = null;
    }
    const time = Math.round(made - this.#origin);
    return this.follows(time) ? time : null;
  }

  /** Whether a picture at this time comes behind the last one. */
  follows(time: number): boolean {
    return this.#last < 0 || time >= this.#last + LEAST_STEP;
  }

  /** There is a picture at this time. */
  set(time: number): void {
    const step = time - this.#last;
    if (this.#last >= 0 && step < 200_000) this.#interval += Math.round((step - this.#interval) / 8);
    this.#last = time;
  }

  /** What comes next is no step from what was before. */
  interrupt(): void {
    this.#cadence.interrupt();
  }

  pause(): void {
    this.#paused = true;
    // A source that is started anew after it has another clock, and another way to here.
    this.#forgetClock();
  }

  /**
   * The next frame follows the last one without a gap, or what else there is.
   * @param from seconds: no picture comes before that
   */
  resume(from = 0): void {
    this.#paused = false;
    this.#resumeAt = Math.max(this.#last + this.#interval, Math.round(from * 1e6));
    this.#standInZero = null;
  }

  /**
   * No frame has come since the pause: the last picture goes on from `arrival` (seconds on its clock). Answers where the
   * take's zero lies on that clock.
   */
  goOn(arrival: number): number {
    this.#standInZero = arrival - (this.#resumeAt ?? 0) / 1e6;
    this.#resumeAt = null;
    this.#origin = null;
    return this.#standInZero;
  }

  /**
   * The next frame is of another source, with a clock of its own: it is laid by its arrival beside what is there.
   * @param zero where the take's zero lies on the clock of arrival; null in a pause, or just after one
   */
  changeSource(zero: number | null, camera: boolean): void {
    this.#forgetClock();
    this.#cadence = new Cadence(camera);
    if (zero === null) return;
    this.#origin = null;
    this.#standInZero = zero;
  }

  /** When the frame was made, on the source's clock. */
  #read(source: number, arrival: number): number {
    const { least } = this.#lag;
    const back = source < this.#lastSource - JUMP * 1e6;
    // A clock that stands still or starts at INT64_MIN (WebKitGTK's canvas) tells nothing: arrival does.
    const told = source > -1e15 && (back || source > this.#lastSource);
    const expected = (arrival - (Number.isFinite(least) ? least : 0)) * 1e6;
    const made = told ? source : expected;
    const lag = arrival - made / 1e6;
    const sooner = this.#quickest < Infinity && lag < this.#quickest - JUMP;
    if (told && (back || sooner)) this.#moveClock(made - expected);
    this.#lastSource = source;
    this.#lag.add(arrival, made / 1e6);
    this.#quickest = Math.min(this.#quickest, lag);
    this.#waited = told ? lag - this.#lag.least : null;
    if (this.#waited === null) this.#cadence.interrupt();
    this.#missing = this.#waited === null ? 0 : this.#cadence.add(made, this.#waited * 1e6 > this.#interval);
    return made;
  }

  /** The source's clock was set, by so much: the take's zero stays where it is on the clock of arrival. */
  #moveClock(by: number): void {
    if (this.#origin !== null) this.#origin += by;
    this.#anchoredLag -= by / 1e6;
    this.#forgetClock();
  }

  #forgetClock(): void {
    this.#lag = new Lag();
    this.#quickest = Infinity;
    this.#lastSource = -Infinity;
    this.#cadence.interrupt();
  }
}
