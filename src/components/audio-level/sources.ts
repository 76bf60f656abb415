import type { ReactiveController } from 'lit';
import { isAudioNode } from '../../core/audio-node.js';
import { ProducerLink, type ProducerLinkHost } from '../shared/producer-link.js';

/** What can be metered by an element. */
export type Sound = MediaStream | AudioNode | HTMLMediaElement;

export interface Wanted {
  readonly sound: Sound;
  /** Whose it is: meters of the same owner share an AudioContext. */
  readonly owner: object;
}

/** Why there is nothing to meter. */
export type Lack = 'level.missing' | 'level.off' | 'level.soundless';

/**
 * Finds what an element is to meter: what it was given, the media element or producer that `for` names, the producer of
 * its `producer` property, the one that it is nested in. Whichever is defined or inserted first, and again after a move.
 */
export class SourceLink implements ReactiveController {
  readonly #host: ProducerLinkHost;
  readonly #changed: () => void;
  readonly #link: ProducerLink;
  #given: MediaStream | AudioNode | null = null;
  #media: HTMLMediaElement | null = null;
  /** The sound of the producer: another one whenever its tracks are others. */
  #stream: MediaStream | null = null;
  #lack: Lack | null = null;
  #unwatch: () => void = () => {};
  #waiting: MutationObserver | null = null;

  /** @param changed Called after `wanted` or `lack` may be another. */
  constructor(host: ProducerLinkHost, changed: () => void) {
    this.#host = host;
    this.#changed = changed;
    this.#link = new ProducerLink(host, () => this.#watch());
    host.addController(this);
  }

  get given(): MediaStream | AudioNode | null {
    return this.#given;
  }

  set given(given: MediaStream | AudioNode | null) {
    if (given === this.#given) return;
    this.#given = given;
    this.#changed();
  }

  get wanted(): Wanted | null {
    const sound = this.#given ?? this.#media ?? this.#stream;
    if (!sound) return null;
    if (isAudioNode(sound)) return { sound, owner: sound.context };
    return { sound, owner: sound === this.#stream ? this.#link.producer! : sound };
  }

  get lack(): Lack | null {
    if (this.wanted) return null;
    const { producer } = this.#link;
    if (!producer) return 'level.missing';
    return producer.stream ? 'level.soundless' : 'level.off';
  }

  hostConnected(): void {
    this.#seek();
    this.#watch();
  }

  hostDisconnected(): void {
    this.#unwatch();
    this.#stopWaiting();
  }

  hostUpdate(): void {
    if (this.#host.isConnected) this.#seek();
  }

  /**
   * Looks for a media element by its id, also when it has one: a page may put another in its place. What is none may be a
   * producer, which its own link waits for.
   */
  #seek(): void {
    const { producer, htmlFor } = this.#host;
    const root = this.#host.getRootNode() as Document | ShadowRoot;
    const found = producer || !htmlFor ? null : (root.getElementById?.(htmlFor) ?? null);
    const media = found instanceof HTMLMediaElement ? found : null;
    if (htmlFor && !this.#link.producer) this.#wait(root);
    else this.#stopWaiting();
    if (media === this.#media) return;
    this.#media = media;
    this.#changed();
  }

  #wait(root: Node): void {
    if (this.#waiting) return;
    this.#waiting = new MutationObserver(() => this.#seek());
    this.#waiting.observe(root, { subtree: true, childList: true, attributeFilter: ['id'] });
  }

  #stopWaiting(): void {
    this.#waiting?.disconnect();
    this.#waiting = null;
  }

  #watch(): void {
    this.#unwatch();
    this.#unwatch = this.#link.producer?.store.subscribe(() => this.#listen() && this.#changed()) ?? (() => {});
    this.#listen();
    this.#changed();
  }

  /** Answers whether there is another sound now, or another reason for none: most changes at a producer are of neither. */
  #listen(): boolean {
    const lack = this.#lack;
    const stream = this.#stream;
    const tracks = this.#link.producer?.store.get().tracks.filter(({ kind }) => kind === 'audio') ?? [];
    const before = this.#stream?.getTracks() ?? [];
    if (tracks.length !== before.length || tracks.some((track) => !before.includes(track)))
      this.#stream = tracks.length > 0 ? new MediaStream(tracks) : null;
    this.#lack = this.lack;
    return this.#stream !== stream || this.#lack !== lack;
  }
}
