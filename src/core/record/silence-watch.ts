import type { AudioMix } from '../audio/index.js';

/** Seconds of silence from the beginning on that are worth telling a person about. */
export const TELL = 3;
/** Of silence behind a sound: a headset that takes noise away makes nothing but zeros while nobody speaks. */
export const TELL_AGAIN = 10;

/**
 * Looks for samples that are not zero. A microphone that is switched off, or muted by the system, makes zeros alone; an
 * open one always makes a little noise.
 */
export class SampleWatch {
  #heard = false;
  #zeros = 0;

  /** True for a sound, false for a silence that is worth telling, null for one that may be none. */
  look(planes: readonly Float32Array[], sampleRate: number): boolean | null {
    if (planes.some((plane) => plane.some((sample) => sample !== 0))) {
      this.#heard = true;
      this.#zeros = 0;
      return true;
    }
    this.#zeros += planes[0]!.length / sampleRate;
    return this.#zeros > (this.#heard ? TELL_AGAIN : TELL) ? false : null;
  }
}

/** The same for an engine that says nothing of the sound: a microphone that is gone, muted by the system, or makes zeros. */
export class SilenceWatch {
  #heard = false;
  #heardAt = 0;
  #told = false;

  constructor(
    private readonly mix: AudioMix,
    private readonly sources: () => readonly MediaStreamTrack[],
    private readonly tell: (silent: boolean) => void,
  ) {}

  /** @param time seconds of media in the take */
  look(time: number): void {
    // Of a mix that is held back nobody knows what it would be: that is told by itself.
    const peak = this.mix.suspended ? null : this.mix.peak();
    const there = this.sources().some((track) => track.readyState === 'live' && !track.muted);
    if (peak !== null && peak > 0) this.#heard = true;
    if (there && peak !== 0) {
      this.#heardAt = time;
      this.#set(false);
    } else if (time - this.#heardAt > (there && this.#heard ? TELL_AGAIN : TELL)) this.#set(true);
  }

  #set(silent: boolean): void {
    if (silent === this.#told) return;
    this.#told = silent;
    this.tell(silent);
  }
}
