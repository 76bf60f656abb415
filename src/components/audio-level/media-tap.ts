import type { OnAirError, OnAirErrorCode } from '../../core/errors.js';
import { spoken } from '../../core/messages.js';
import { words, type Word } from './desk-words.js';
import { MediaWay } from './media-way.js';

/**
 * The sound of a media element, as it plays one thing after the other: its stream, or what a way to it gives. There is no
 * way to media of another origin, which would be silenced.
 */
export class MediaTap {
  sound: MediaStream | AudioNode | null = null;
  /** Why it cannot be metered. */
  problem: OnAirError | null = null;
  /** Why there is nothing to meter. */
  lack: Word | null = 'level.waiting';
  readonly #media: HTMLMediaElement;
  readonly #changed: () => void;
  readonly #over = new AbortController();
  #path: { way: MediaWay; leave: () => void } | null = null;

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

  /** Whether the browser lets no sound in before a gesture. */
  get held(): boolean {
    return this.#path?.way.held ?? false;
  }

  /** Whether a sound is to be expected. What is led through a context is heard after the volume. */
  get playing(): boolean {
    const { paused, ended, seeking, readyState, muted, volume } = this.#media;
    if (this.sound instanceof AudioNode && (muted || volume === 0)) return false;
    return !paused && !ended && !seeking && readyState >= HTMLMediaElement.HAVE_FUTURE_DATA;
  }

  close(): void {
    this.#over.abort();
    this.#leave();
  }

  #leave(): void {
    this.#path?.leave();
    this.#path = null;
  }

  #look = (): void => {
    const media = this.#media;
    // What stands in the way of one file need not stand in that of the next.
    if (media.readyState < HTMLMediaElement.HAVE_METADATA && this.#path?.way.fault) this.#leave();
    if (media.srcObject instanceof MediaStream) this.#give(media.srcObject);
    else if (media.readyState < HTMLMediaElement.HAVE_METADATA) this.#give(null, 'level.waiting');
    else if (isForeign(media)) this.#refuse('SecurityError');
    else this.#follow();
  };

  #follow(): void {
    this.#path ??= MediaWay.of(this.#media, this.#look);
    const { sound, fault } = this.#path.way;
    if (fault) this.#refuse((fault as Error).name, fault);
    // Where a file has ended, its tracks are gone, until it is played again.
    else if (sound instanceof MediaStream && sound.getAudioTracks().length === 0 && !this.#media.ended)
      this.#give(null, 'level.soundless');
    else if (sound) this.#give(sound);
    else this.#changed();
  }

  #refuse(name: string, cause?: unknown): void {
    const [code, key] = REFUSALS[name] ?? KEPT;
    this.problem = spoken(code, key, words, {}, { cause });
    this.sound = this.lack = null;
    this.#changed();
  }

  #give(sound: MediaStream | AudioNode | null, lack: Word | null = null): void {
    if ((lack || sound === this.sound) && lack === this.lack && !this.problem) return;
    this.problem = null;
    // Between two files there is nothing in it, and what was measured goes on with the next.
    this.sound = sound ?? (this.sound instanceof MediaStream ? new MediaStream() : this.sound);
    this.lack = lack;
    this.#changed();
  }
}

type Refusal = readonly [OnAirErrorCode, Word];

/** What engines say of media that came from elsewhere, be it by a redirection, and of those that the page has routed. */
const REFUSALS: { readonly [name: string]: Refusal } = {
  SecurityError: ['no-media', 'level.foreign'],
  InvalidStateError: ['invalid-state', 'level.taken'],
};
/** Of protected media each says something else. */
const KEPT: Refusal = ['unsupported', 'level.kept'];

/** Whether it comes from another origin without having been asked to share what it is. */
function isForeign({ currentSrc, crossOrigin }: HTMLMediaElement): boolean {
  if (crossOrigin !== null || currentSrc === '') return false;
  const { protocol, origin } = new URL(currentSrc, document.baseURI);
  return protocol.startsWith('http') && origin !== location.origin;
}
