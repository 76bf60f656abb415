import type { AudioMix } from '../audio/index.js';

/** Seconds of silence that are worth telling a person about. */
const TELL = 3;

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
