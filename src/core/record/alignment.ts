import type { AudioLane } from './audio-lane.js';
import { TELL } from './silence-watch.js';
import type { VideoLane } from './video-lane.js';

/** Seconds of pictures after which their lag is known well enough to lay the sound beside them. */
const ALIGN = 0.5;
/** Seconds that the first picture after a pause may take, before sound is laid where the pause ended without it. */
const PROMPT = 0.1;
/** Seconds without an arrival after which a source counts as standing still, and is stood in for. */
const STILL = 0.5;

/**
 * Lays the sound of a take beside its pictures, and stands in for what stands still.
 *
 * Time is the media's own. The worker's clock is only used to lay two media clocks beside each other and to notice
 * that nothing arrives; nothing in the file is stamped with it, unless a source stands still and is stood in for.
 */
export class Alignment {
  readonly #startedAt = now();
  /** Where the take's zero lies on the worker's clock; null while it is not known. */
  #zero: number | null = null;
  #videoSince: number | null = null;
  #lastFill = 0;
  /** When the last pause ended. */
  #resumedAt: number | null = null;
  #paused = false;

  constructor(
    private readonly video: VideoLane | null,
    private readonly audio: AudioLane | null,
  ) {}

  get zero(): number | null {
    return this.#zero;
  }

  /** A picture has arrived, and is about to be taken. */
  arrive(arrival: number): void {
    if (this.#paused || this.#videoSince !== null) return;
    // A screen that shows nothing new for a moment: what is heard until it does would have no place. A camera's first frame
    // is only late.
    const late = this.#resumedAt !== null && arrival - this.#resumedAt > PROMPT;
    if (late && this.audio && !this.video?.camera) this.#goOn();
    this.#videoSince = arrival;
  }

  /** It has been. */
  see(arrival: number): void {
    if (this.#zero !== null || this.#videoSince === null) return;
    if (arrival - this.#videoSince >= ALIGN || !this.audio) this.anchor();
  }

  /** Sound has been taken. */
  hear(): void {
    if (this.#zero === null && !this.video && !this.#paused) this.anchor();
  }

  anchor(): void {
    const timeline = this.audio?.timeline;
    if (this.video) {
      this.#zero = this.video.timeline.anchor();
      if (this.#zero !== null) timeline?.anchor(this.#zero);
    } else if (timeline) {
      timeline.anchorHere();
      this.#zero = timeline.zero;
    }
  }

  /**
   * One of them comes from elsewhere from now on. It is laid beside the other as that is now, and not as it was when it began.
   * Answers where the take's zero lies, null where nobody knows.
   */
  turn(): number | null {
    const zero = this.#zero === null ? null : (this.video?.timeline.anchor() ?? null);
    if (zero !== null) {
      this.#zero = zero;
      this.audio?.timeline.anchor(zero);
    }
    return this.#zero;
  }

  /** Both stand still, and what comes is not taken. */
  pause(): void {
    this.#placeHeld();
    this.#paused = true;
    this.#zero = null;
    this.#videoSince = null;
    this.video?.timeline.pause();
    this.audio?.timeline.pause();
  }

  /** They go on without a gap, the pictures with a key frame. */
  resume(): void {
    this.#paused = false;
    this.#resumedAt = now();
    const sound = this.audio?.timeline;
    // A picture that stood still, or was given up, ended before the sound did.
    this.video?.resume(sound ? sound.written / sound.sampleRate : 0);
    sound?.resume();
  }

  /** Nothing more comes: the sound ends with the pictures. */
  finish(): void {
    this.#placeHeld();
    const timeline = this.audio?.timeline;
    if (!this.video || !timeline || this.#paused) return;
    const end = Math.round(this.video.end * timeline.sampleRate);
    if (end - timeline.written > timeline.sampleRate / 10) timeline.fillTo(end);
  }

  /** Whether a source of which nothing has come since then stands still, and has for so long. */
  still(lastArrival: number, time: number, seconds = STILL): boolean {
    return time - Math.max(lastArrival, this.#startedAt) > seconds;
  }

  /**
   * A container writes nothing while one of its tracks is behind. So what stands still is stood in for: silence for
   * sound, the last picture for pictures. Two looks in a row must see the same, because after the worker itself was
   * held up one source is read before the other.
   *
   * Not to be called in a pause. Answers whether sources were looked at, and may have been stood in for.
   * @param onSilent called when no sound has come for so long that it is to be told
   */
  look(time: number, onSilent: () => void): boolean {
    // It moved for less than it takes to know its lag, and no other frame comes to look again.
    if (this.#zero === null && this.#videoSince !== null && time - this.#videoSince > ALIGN + STILL) this.anchor();
    if (this.#resumedAt !== null && time - this.#resumedAt > STILL) this.#goOn();
    if (this.#zero === null) return false;
    const mediaNow = time - this.#zero - STILL / 2;
    const silent = this.audio !== null && this.still(this.audio.timeline.lastArrival, time);
    const frozen = this.video !== null && this.still(this.video.timeline.lastArrival, time);
    const looked = this.#lastFill;
    this.#lastFill = silent || frozen ? time : 0;
    if (!looked) return false;
    if (silent) {
      const { timeline } = this.audio;
      timeline.fillTo(Math.round(mediaNow * timeline.sampleRate));
      if (this.still(timeline.lastArrival, time, TELL)) onSilent();
    }
    // Where it fails it is tried again at the next look.
    if (frozen) void this.video.repeat(mediaNow).catch(() => {});
    return true;
  }

  /** Sound that waits to be laid beside the pictures gets its place now, by what has come so far. */
  #placeHeld(): void {
    if (this.#paused) return;
    if (this.#zero === null) this.anchor();
    this.#goOn();
    const timeline = this.audio?.timeline;
    if (timeline?.holding) timeline.align();
  }

  /** A picture that stands still after a pause gives no frame to lay the sound beside: the pause's end stands in for it. */
  #goOn(): void {
    if (!this.video || this.#zero !== null || this.#resumedAt === null || this.#videoSince !== null) return;
    this.#zero = this.video.timeline.goOn(this.#resumedAt);
    this.audio?.timeline.anchor(this.#zero);
  }
}

const now = () => performance.now() / 1000;
