import type { OnAirError } from '../../core/errors.js';
import { spoken } from '../../core/messages.js';
import { words, type Word } from './desk-words.js';
import { MediaWay } from './media-way.js';

/**
 * The sound of a media element, as it plays one thing after the other: its stream, or what a way to it gives. There is no
 * way to media of another origin, which would be silenced.
 */
export class MediaTap {
  readonly #media: HTMLMediaElement;
  readonly #changed: () => void;
  readonly #over = new AbortController();
  #path: { way: MediaWay; leave: () => void } | null = null;
  #sound: MediaStream | AudioNode | null = null;
  #problem: OnAirError | null = null;
  #lack: 'level.waiting' | 'level.soundless' | null = 'level.waiting';

  /** @param changed Called after anything that can be read here has changed */
  constructor(media: HTMLMediaElement, changed: () => void) {
    this.#media = media;
    this.#changed = changed;
  }

  open(): void {
    for (const type of ['loadedmetadata', 'emptied'])
      this.#media.addEventListener(type, this.#look, { signal: this.#over.signal });
    this.#look();
  }

  get sound(): MediaStream | AudioNode | null {
    return this.#sound;
  }

  /** Why it cannot be metered. */
  get problem(): OnAirError | null {
    return this.#problem;
  }

  /** Why there is nothing to meter. */
  get lack(): Word | null {
    return this.#sound || this.#problem ? null : this.#lack;
  }

  /** Whether the browser lets no sound in before a gesture. */
  get held(): boolean {
    return this.#path?.way.held ?? false;
  }

  /** Whether a sound is to be expected. What is led through a context is heard after the volume. */
  get playing(): boolean {
    const { paused, ended, seeking, readyState, muted, volume } = this.#media;
    if (this.#sound instanceof AudioNode && (muted || volume === 0)) return false;
    return !paused && !ended && !seeking && readyState >= HTMLMediaElement.HAVE_FUTURE_DATA;
  }

  close(): void {
    this.#over.abort();
    this.#path?.leave();
    this.#path = null;
  }

  #look = (): void => {
    const media = this.#media;
    if (media.srcObject instanceof MediaStream) this.#give(media.srcObject);
    else if (media.readyState < HTMLMediaElement.HAVE_METADATA) this.#give(null, 'level.waiting');
    else if (isForeign(media)) this.#refuse('level.foreign');
    else this.#follow();
  };

  #follow(): void {
    this.#path ??= MediaWay.of(this.#media, this.#look);
    const { sound, fault } = this.#path.way;
    // By a redirection, it came from elsewhere after all.
    if (fault) this.#refuse(isSecurity(fault) ? 'level.foreign' : 'level.taken', fault);
    // Where a file has ended, its tracks are gone, until it is played again.
    else if (sound instanceof MediaStream && sound.getAudioTracks().length === 0 && !this.#media.ended)
      this.#give(null, 'level.soundless');
    else if (sound) this.#give(sound);
    else this.#changed();
  }

  #refuse(key: 'level.foreign' | 'level.taken', cause?: unknown): void {
    const code = key === 'level.foreign' ? 'no-media' : 'invalid-state';
    this.#problem = spoken(code, key, words, {}, { cause });
    this.#sound = null;
    this.#changed();
  }

  #give(sound: MediaStream | AudioNode | null, lack: 'level.waiting' | 'level.soundless' | null = null): void {
    if (sound === this.#sound && lack === this.#lack && !this.#problem) return;
    this.#problem = null;
    this.#sound = sound;
    this.#lack = lack;
    this.#changed();
  }
}

const isSecurity = (fault: unknown) => fault instanceof DOMException && fault.name === 'SecurityError';

/** Whether it comes from another origin without having been asked to share what it is. */
function isForeign({ currentSrc, crossOrigin }: HTMLMediaElement): boolean {
  if (crossOrigin !== null || currentSrc === '') return false;
  const { protocol, origin } = new URL(currentSrc, document.baseURI);
  return protocol.startsWith('http') && origin !== location.origin;
}
