import type { Levels } from '../../core/audio/index.js';
import type { Word } from './desk-words.js';

/** Seconds of zeros that are a silence: what the audio thread counts by, unless it is told otherwise. */
const SILENCE = 3;
/** Seconds of sound for which clipping that goes on is not told again. */
const QUIET = 10;

/** What is new in a snapshot. */
export interface News {
  /** Samples have clipped since the last one. */
  readonly clip: boolean;
  /** A silence began; it may be over again. */
  readonly silence: boolean;
  /** What is worth to be said: also that a silence is over, and not each clip while more come. */
  readonly told: readonly Word[];
}

/** Reads clipping from when it was last and silence from when it began, so that nothing is missed between two snapshots. */
export class Watch {
  /** When a sample clipped last. */
  #clippedAt: number | null = null;
  /** When the last silence began that was counted. */
  #since: number | null = null;
  #silent = false;
  /** How many the audio thread had counted: also those that there was a reason for. */
  #known = 0;
  /** How many there were without a reason since the last reset. */
  silences = 0;
  /** Seconds of sound at which the last of these began, or at which the reason for it was gone. */
  silentSince = 0;
  /** Seconds of sound at which it was last known that silence is no fault: nothing plays, or the track is muted. */
  #excused = 0;
  /** Seconds of sound at which clipping was last seen. */
  #seen = -Infinity;

  get silent(): boolean {
    return this.#silent;
  }

  /** Counts anew; a silence that goes on is the first. */
  reset(): void {
    this.silences = Number(this.#silent);
  }

  /** Seconds of zeros for which there is no reason; null where that is not counted. */
  silentFor({ silentFor, time }: Levels): number | null {
    return silentFor === null ? null : Math.min(silentFor, time - this.#excused);
  }

  /** @param expected Whether there should be a sound: what is paused or muted is silent for a reason */
  look(levels: Levels, expected: boolean): News {
    const { clippedAt, time } = levels;
    // Counts are no measure: that of runs does not rise within one, and a reset takes them back.
    const clip = clippedAt !== null && clippedAt !== this.#clippedAt;
    this.#clippedAt = clippedAt;
    const anew = clip && time - this.#seen > QUIET;
    if (clip) this.#seen = time;
    const before = this.#silent;
    const silence = this.#silence(levels, expected);
    const told: Word[] = [];
    if (anew) told.push('level.told.clip');
    if (silence) told.push('level.told.silence');
    if (before && !this.#silent && expected) told.push('level.told.sound');
    return { clip, silence, told };
  }

  #silence(levels: Levels, expected: boolean): boolean {
    const { silent, silences, silentSince, time } = levels;
    // The count is no measure: a reset takes it back.
    const another = silentSince !== this.#since;
    this.#since = silentSince;
    // Several may have come while the page was blocked.
    const more = Math.max(1, silences! - this.#known);
    this.#known = silences!;
    if (!expected) {
      this.#excused = time;
      this.#silent = false;
      return false;
    }
    const lasts = silent === true && this.silentFor(levels)! >= SILENCE;
    // One that began while the page was blocked: it may have ended since, and come after one that was known.
    const passed = another && silentSince !== null && silentSince >= this.#excused;
    const began = passed || (lasts && !this.#silent);
    this.#silent = lasts;
    if (began) {
      this.silences += more;
      this.silentSince = Math.max(silentSince!, this.#excused);
    }
    return began;
  }
}
