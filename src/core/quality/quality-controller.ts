import { Store } from '../store.js';
import { LADDER, type QualityLevel } from './ladder.js';

/** A measured condition. The controller knows none of them; whoever has one injects it. */
export interface QualitySignal {
  /** What a move is told by: `encoder`, `disk`, `drops`, `cpu`, `battery`, `hidden`, `network`. */
  readonly name: string;
  /** 0: at ease. 1: no more can be borne. Above: already losing. Null: not measured here, which never counts as ease. */
  pressure(): number | null;
  /** Steps down to which it may lead, and no further; without, to the end of the ladder. */
  readonly deepest?: number;
}

export interface QualityState {
  readonly quality: QualityLevel;
  /** Steps down from the full quality. */
  readonly step: number;
  /** The signal that led to the last move, `ease` for a step up; empty before the first. */
  readonly cause: string;
  /** Pressure of each signal at the last look. */
  readonly pressures: Readonly<Record<string, number | null>>;
}

/** Seconds. */
export interface QualityTiming {
  /** Pressure must last that long before a step down: one late frame is none. */
  patience: number;
  /** After a step down, until what it does can be seen. */
  settle: number;
  /** Ease must last that long before a step up. */
  ease: number;
  /** The same where a step up has failed before; doubled with each further failure, up to `longest`. */
  caution: number;
  longest: number;
  /** Within which it is at full quality again where ease is plain, however often it has failed. */
  back: number;
}

export const QUALITY_TIMING: Readonly<QualityTiming> = Object.freeze({
  patience: 0.5,
  settle: 1.5,
  ease: 3,
  caution: 14,
  longest: 96,
  // Less than 30, because ease is seen up to 2 s after it has begun.
  back: 27,
});

/** From here on a step down is due; from the second on two at a time, from the third on four: much is being lost. */
const TOO_MUCH = 1;
const FAR_TOO_MUCH = 2;
const HOPELESS = 4;
/** What a signal tells at most where it may lead no further: nothing goes up. */
const HELD = 0.99;
/** Below the first a step up may be tried, below the second it is safe: one step asks for a quarter more. */
const BEARABLE = 0.6;
const EASY = 0.3;

const CALM: QualityState = { quality: LADDER[0]!, step: 0, cause: '', pressures: Object.freeze({}) };

/**
 * Moves along the ladder: down within a second or two of pressure, up again one step at a time when all signals have been
 * at ease. A step up that had to be taken back is tried again later and later, so that it does not swing; but when ease is
 * plain, as after a load has ended, not later than lets it come back within `back`.
 */
export class QualityController {
  readonly store = new Store<QualityState>(CALM);
  readonly #timing: QualityTiming;
  readonly #ladder: readonly QualityLevel[];
  #signals: readonly QualitySignal[];
  #pressedSince: number | null = null;
  #easySince: number | null = null;
  /** Since when that ease is plain. */
  #plainSince = 0;
  #movedAt = -Infinity;
  #raisedAt = -Infinity;
  /** How often a step up was taken back, by the step it led to. */
  #failures = new Map<number, number>();

  constructor(
    signals: readonly QualitySignal[] = [],
    { timing = {}, ladder = LADDER }: { timing?: Partial<QualityTiming>; ladder?: readonly QualityLevel[] } = {},
  ) {
    this.#signals = signals;
    this.#timing = { ...QUALITY_TIMING, ...timing };
    this.#ladder = ladder;
  }

  /** Replaces the signals; the step stays. */
  set signals(signals: readonly QualitySignal[]) {
    this.#signals = signals;
  }

  /**
   * Looks at all signals and moves if it is time to. Call it once or twice a second.
   * @param now seconds on a clock that never steps back
   */
  look(now: number): void {
    const pressures: Record<string, number | null> = {};
    let worst = { name: '', pressure: 0, deepest: Infinity };
    for (const signal of this.#signals) {
      const told = signal.pressure();
      pressures[signal.name] = told;
      const { deepest = Infinity } = signal;
      const pressure = this.#bounded(told ?? 0, deepest);
      if (pressure > worst.pressure) worst = { name: signal.name, pressure, deepest };
    }
    this.store.set({ pressures: Object.freeze(pressures) });
    if (worst.pressure >= TOO_MUCH) this.#press(now, worst);
    else if (worst.pressure <= BEARABLE) this.#relax(now, worst.pressure);
    else this.#pressedSince = this.#easySince = null;
  }

  /** Back to the full quality, and nothing remembered: another take begins. */
  reset(): void {
    this.#pressedSince = this.#easySince = null;
    this.#movedAt = this.#raisedAt = -Infinity;
    this.#failures.clear();
    this.store.set(CALM);
  }

  /** A signal that leads no further than to a step keeps it there, and does not mind what is below. */
  #bounded(pressure: number, deepest: number): number {
    const { step } = this.store.get();
    if (step < deepest) return pressure;
    return step === deepest ? Math.min(pressure, HELD) : 0;
  }

  #press(now: number, worst: { name: string; pressure: number; deepest: number }): void {
    const { name, pressure, deepest } = worst;
    const { patience, settle, caution } = this.#timing;
    const { step } = this.store.get();
    this.#easySince = null;
    this.#pressedSince ??= now;
    if (now - this.#pressedSince < patience || now - this.#movedAt < settle) return;
    const failed = now - this.#raisedAt < caution;
    if (failed) this.#failures.set(step, (this.#failures.get(step) ?? 0) + 1);
    this.#raisedAt = -Infinity;
    const steps = pressure >= HOPELESS ? 4 : pressure >= FAR_TOO_MUCH ? 2 : 1;
    // Where it was before is known to be bearable.
    this.#move(now, Math.min(step + (failed ? 1 : steps), deepest), name);
  }

  #relax(now: number, pressure: number): void {
    const { ease, caution, longest, back } = this.#timing;
    const { step } = this.store.get();
    this.#pressedSince = null;
    if (this.#easySince === null) this.#easySince = this.#plainSince = now;
    if (pressure > EASY) this.#plainSince = now;
    if (step === 0) return;
    const failures = this.#failures.get(step - 1) ?? 0;
    // Where plain ease has borne a step up, the load is another.
    const borne = this.#raisedAt >= this.#plainSince;
    const wait = failures === 0 || borne ? ease : Math.min(longest, caution * 2 ** (failures - 1));
    // What is left for it when the steps above take their time.
    const most = Math.max(ease, back - ease * (step - 1));
    const has = (since: number, seconds: number) => now - Math.max(since, this.#movedAt) >= seconds;
    if (!has(this.#easySince, wait) && !has(this.#plainSince, most)) return;
    this.#raisedAt = now;
    this.#move(now, step - 1, 'ease');
  }

  #move(now: number, wanted: number, cause: string): void {
    const step = Math.min(Math.max(wanted, 0), this.#ladder.length - 1);
    this.#movedAt = now;
    if (step !== this.store.get().step) this.store.set({ step, quality: this.#ladder[step]!, cause });
  }
}
