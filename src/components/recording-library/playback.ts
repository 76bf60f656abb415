import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Recording } from '../../core/record/index.js';
import type { Word } from './words.js';

/** Plays one recording at a time, from disk. Its address is revoked when it is closed, and with the element. */
export class Playback implements ReactiveController {
  /** Id of the recording that is open; null for none. */
  id: string | null = null;
  source: string | null = null;
  failure: Word | null = null;
  /** Tells what was asked for from what was asked for before, which may be the same recording. */
  #turn = 0;
  readonly #host: ReactiveControllerHost & HTMLElement;

  constructor(host: ReactiveControllerHost & HTMLElement) {
    this.#host = host;
    host.addController(this);
  }

  /** @throws OnAirError as `Recording.file` does */
  async open(recording: Recording): Promise<void> {
    const { id } = recording;
    this.close();
    this.id = id;
    const turn = this.#turn;
    try {
      const media = await recording.file();
      if (this.#turn !== turn) return;
      this.source = URL.createObjectURL(media);
      this.#host.requestUpdate();
    } catch (error) {
      if (this.#turn === turn) this.close();
      throw error;
    }
  }

  close(): void {
    this.#turn++;
    if (this.source) URL.revokeObjectURL(this.source);
    this.id = this.source = this.failure = null;
    this.#host.requestUpdate();
  }

  /** The media element gave up: by the page's policy if that was told, else by its content. */
  fail = (): void => {
    this.failure ??= 'library.playback';
    this.#host.requestUpdate();
  };

  hostConnected(): void {
    document.addEventListener('securitypolicyviolation', this.#refused);
  }

  /** An element that is moved goes on where it is put: a video that leaves the document stops anyway. */
  hostDisconnected(): void {
    document.removeEventListener('securitypolicyviolation', this.#refused);
  }

  #refused = ({ effectiveDirective, blockedURI }: SecurityPolicyViolationEvent): void => {
    if (!this.source || effectiveDirective !== 'media-src' || !blockedURI.startsWith('blob')) return;
    this.failure = 'library.playback.policy';
    this.#host.requestUpdate();
  };
}
