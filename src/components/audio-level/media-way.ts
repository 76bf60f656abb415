import { keepRunning } from '../../core/audio/index.js';

/** Not in Safari. */
type Capturable = HTMLMediaElement & { captureStream(): MediaStream };

const ways = new WeakMap<HTMLMediaElement, MediaWay>();

/** How the sound of a media element is had. An element has one, for all who meter it. */
export abstract class MediaWay {
  protected readonly media: HTMLMediaElement;
  readonly #followers = new Set<() => void>();

  constructor(media: HTMLMediaElement) {
    this.media = media;
  }

  /**
   * That of this element, whoever asked first; its metadata have to be there.
   * @param changed Called after anything that can be read here has changed
   * @returns the way, and the function that leaves it
   */
  static of(media: HTMLMediaElement, changed: () => void): { way: MediaWay; leave: () => void } {
    const way = ways.get(media) ?? ('captureStream' in media ? new Capture(media) : new Route(media));
    ways.set(media, way);
    way.#followers.add(changed);
    const leave = () => {
      way.#followers.delete(changed);
      if (way.#followers.size === 0 && way.giveUp()) ways.delete(media);
    };
    return { way, leave };
  }

  /** Null until there is one. */
  abstract get sound(): MediaStream | AudioNode | null;

  /** What stands in the way. */
  abstract get fault(): unknown;

  /** Whether the browser lets no sound in before a gesture. */
  get held(): boolean {
    return false;
  }

  protected tell(): void {
    for (const changed of [...this.#followers]) changed();
  }

  /** Nobody needs it any more. Answers whether it could be given up. */
  protected abstract giveUp(): boolean;
}

/**
 * A capture, which leaves what is heard as it is (in Firefox, too: `mozAudioCaptured` stays false). There is only one: in
 * Chromium the last capture takes the sound away from those before it. It follows the element from file to file; the
 * track of one that has ended is gone, and comes again when it is played again.
 */
class Capture extends MediaWay {
  readonly #over = new AbortController();
  #stream: MediaStream | null = null;
  #fault: unknown = null;

  constructor(media: HTMLMediaElement) {
    super(media);
    try {
      this.#stream = (media as Capturable).captureStream();
      for (const type of ['addtrack', 'removetrack'])
        this.#stream.addEventListener(type, () => this.#listen(), { signal: this.#over.signal });
      this.#listen();
    } catch (cause) {
      this.#fault = cause;
    }
  }

  override get sound(): MediaStream | null {
    return this.#stream;
  }

  override get fault(): unknown {
    return this.#fault;
  }

  protected override giveUp(): boolean {
    this.#over.abort();
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    return true;
  }

  /** Pictures would be captured, too. */
  #listen(): void {
    for (const track of this.#stream?.getVideoTracks() ?? []) {
      track.stop();
      this.#stream!.removeTrack(track);
    }
    this.tell();
  }
}

/**
 * A way through an AudioContext to the speakers. An element is routed once and for good; and only in a context that runs,
 * because it would be silenced by one that does not. So that one is kept running for as long, whether anybody meters it or not.
 */
class Route extends MediaWay {
  readonly #context = new AudioContext();
  readonly #kept: ReturnType<typeof keepRunning>;
  #node: AudioNode | null = null;
  #fault: unknown = null;
  #suspended = false;
  #over = false;

  constructor(media: HTMLMediaElement) {
    super(media);
    this.#kept = keepRunning(this.#context, (suspended) => {
      this.#suspended = suspended;
      this.#look();
    });
    void this.#kept.settled.then(() => this.#look());
  }

  override get sound(): AudioNode | null {
    return this.#node;
  }

  override get fault(): unknown {
    return this.#fault;
  }

  override get held(): boolean {
    return this.#suspended && !this.#node;
  }

  /** Only what has not begun can be. */
  protected override giveUp(): boolean {
    if (this.#node) return false;
    this.#over = true;
    this.#kept.close();
    this.#context.close().catch(() => {});
    return true;
  }

  #look(): void {
    if (this.#over) return;
    if (this.#context.state === 'running' && !this.#node && !this.#fault) this.#enter();
    this.tell();
  }

  #enter(): void {
    try {
      const node = new MediaElementAudioSourceNode(this.#context, { mediaElement: this.media });
      node.connect(this.#context.destination);
      this.#node = node;
    } catch (cause) {
      // The page has routed it.
      this.#fault = cause;
    }
  }
}
