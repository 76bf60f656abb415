import type { Metrics } from '../metrics/index.js';
import { MOST_PENDING, type Engine } from './engine.js';
import type { FromWorker } from './protocol.js';
import type { TakeWriter } from './take-writer.js';

/** Seconds between two looks whether the page has heard of the take meanwhile: that it hears nothing is trouble. */
const WORD = 1.25;

/** Tells the page how far a take is, and with it what has been counted since. */
export class TakeTeller {
  #second = -1;
  #word: ReturnType<typeof setInterval> | undefined;
  /** Whether the page has heard of it since the last of these looks. */
  #told = false;
  /** Seconds, until when recorded time is counted; null in a pause. */
  #countedAt: number | null = null;

  constructor(
    private readonly metrics: Metrics,
    private readonly read: () => readonly [Engine, TakeWriter, secondsLeft: number | null],
    private readonly send: (message: FromWorker) => void,
  ) {}

  begin(): void {
    this.resume();
    this.#word = setInterval(() => this.#tellOfNothing(), WORD * 1000);
  }

  pause(): void {
    this.#countTime();
    this.#countedAt = null;
  }

  resume(): void {
    this.#countedAt = now();
  }

  /** What is still told is told by who calls `tell`. */
  end(): void {
    clearInterval(this.#word);
  }

  /** Tells it once in each second of media; answers whether this is a new one. */
  look(duration: number): boolean {
    const second = Math.floor(duration);
    if (second === this.#second) return false;
    this.#second = second;
    this.tell();
    return true;
  }

  tell(): void {
    this.#told = true;
    const [{ duration, counts, pending }, { size, latency }, secondsLeft] = this.read();
    this.#countTime();
    this.metrics.sample('queue:disk', pending);
    if (size > 0) this.metrics.sample('headroom:disk', ((MOST_PENDING - pending) * duration) / size);
    const metrics = this.metrics.drain();
    this.send({ type: 'progress', duration, size, ...counts, secondsLeft, latency, metrics });
  }

  /** What stands still, or an encoder that is stuck, gives no media: only a worker that is held up says nothing. */
  #tellOfNothing(): void {
    if (this.#countedAt !== null && !this.#told) this.tell();
    this.#told = false;
  }

  /** Up to now, so that what was counted in it is a rate whenever the page hears of it. */
  #countTime(): void {
    if (this.#countedAt === null) return;
    const { frames, framesDropped } = this.read()[0].counts;
    const seconds = now() - this.#countedAt;
    this.#countedAt += seconds;
    this.metrics.counter('record:seconds').add(seconds);
    // MediaRecorder counts none, and a sound alone has none.
    if (frames > 0 && framesDropped !== null) this.metrics.counter('frames:seconds').add(seconds);
  }
}

const now = () => performance.now() / 1000;
