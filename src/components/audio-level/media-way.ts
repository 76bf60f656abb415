import { keepRunning } from '../../core/audio/index.js';

/** Not in Safari. */
type Capturable = HTMLMediaElement & { captureStream(): MediaStream };

const ways = new WeakMap<HTMLMediaElement, MediaWay>();

/** How the sound of a media element is had. An element has one, for all who meter it. */
export abstract class MediaWay {
  /** Null until there is one. */
  sound: MediaStream | AudioNode | null = null;
  /** What stands in the way. */
  fault: unknown = null;
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
    // Where there is neither (Safari's Lockdown Mode) the capture says so.
    const captured = 'captureStream' in media || !('AudioContext' in globalThis);
    const way = ways.get(media) ?? new (captured ? Capture : Route)(media);
    ways.set(media, way);
    way.#followers.add(changed);
    const leave = () => {
      way.#followers.delete(changed);
      if (way.#followers.size === 0 && way.giveUp()) ways.delete(media);
    };
    return { way, leave };
  }

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
 * Chromium the last capture takes the sound away from those before it, and one that was given up may take it back with the next
 * file. It follows the element from file to file; the track of one that has ended is gone, and comes again when it is played
 * again.
 */
class Capture extends MediaWay {
  declare sound: MediaStream | null;
  readonly #over = new AbortController();

  constructor(media: HTMLMediaElement) {
    super(media);
    const until = { signal: this.#over.signal };
    try {
      this.sound = (media as Capturable).captureStream();
      for (const type of ['addtrack', 'removetrack']) this.sound.addEventListener(type, () => this.#listen(), until);
      // In Chromium those of one file after the other would pile up.
      media.addEventListener('emptied', () => this.#drop('audio'), until);
      this.#listen();
    } catch (cause) {
      this.fault = cause;
    }
  }

  protected override giveUp(): boolean {
    this.#over.abort();
    this.#drop('audio');
    return true;
  }

  /** Pictures would be captured, too. */
  #listen(): void {
    this.#drop('video');
    this.tell();
  }

  #drop(kind: 'audio' | 'video'): void {
    for (const track of this.sound?.getTracks() ?? []) {
      if (track.kind !== kind) continue;
      track.stop();
      this.sound!.removeTrack(track);
    }
  }
}

/**
 * A way through an AudioContext to the speakers. An element is routed once and for good; and only in a context that runs,
 * because it would be silenced by one that does not. So that one is kept running for as long, whether anybody meters it or not.
 */
class Route extends MediaWay {
  readonly #context = new AudioContext();
  readonly #kept: ReturnType<typeof keepRunning>;
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

  override get held(): boolean {
    return this.#suspended && !this.sound;
  }

  /** Only what has not begun can be. */
  protected override giveUp(): boolean {
    if (this.sound) return false;
    this.#over = true;
    this.#kept.close();
    this.#context.close().catch(() => {});
    return true;
  }

  #look(): void {
    if (this.#over) return;
    if (this.#context.state === 'running' && !this.sound && !this.fault) this.#enter();
    this.tell();
  }

  #enter(): void {
    try {
      const node = new MediaElementAudioSourceNode(this.#context, { mediaElement: this.media });
      node.connect(this.#context.destination);
      this.sound = node;
    } catch (cause) {
      // The page has routed it.
      this.fault = cause;
    }
  }
}
