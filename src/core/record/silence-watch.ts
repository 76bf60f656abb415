import type { AudioMix } from '../audio/index.js';

/** Seconds of silence that are worth telling a person about. */
export const TELL = 3;

/**
 * Looks at samples until one is not zero. A microphone that is switched off, or muted by the system, makes zeros from the
 * beginning; an open one always makes a little noise, and need not be looked at again.
 */
export class SampleWatch {
  #heard = false;
  #zeros = 0;

  get heard(): boolean {
    return this.#heard;
  }

  /** Whether nothing but zeros has come for so long that it is worth telling. */
  get silent(): boolean {
    return !this.#heard && this.#zeros > TELL;
  }

  look(planes: readonly Float32Array[], sampleRate: number): void {
    if (this.#heard) return;
    this.#heard = planes.some((plane) => plane.some((sample) => sample !== 0));
    this.#zeros += planes[0]!.length / sampleRate;
  }
}

/**
 * Notices, for an engine that says nothing of the sound, a microphone that is gone, muted by the system, or has not made
 * a single sample that is not zero. A microphone that was heard may be turned down: that is nobody's fault.
 */
export class SilenceWatch {
  #heard = false;
  #heardAt = 0;
  #told = false;

  constructor(
    private readonly mix: AudioMix,
    private readonly sources: readonly MediaStreamTrack[],
    private readonly tell: (silent: boolean) => void,
  ) {}

  /** @param time seconds of media in the take */
  look(time: number): void {
    const peak = this.mix.peak();
    const there = this.sources.some((track) => track.readyState === 'live' && !track.muted);
    if (peak !== null && peak > 0) this.#heard = true;
    if (there && (peak === null || this.#heard)) {
      this.#heardAt = time;
      this.#set(false);
    } else if (time - this.#heardAt > TELL) this.#set(true);
  }

  #set(silent: boolean): void {
    if (silent === this.#told) return;
    this.#told = silent;
    this.tell(silent);
  }
}
