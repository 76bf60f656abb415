import { Cleanup } from '../cleanup.js';
import type { Capture } from './acquire.js';
import type { CapturePlatform } from './platform.js';

/** A counted claim on a stream. All leases of one configuration have the same stream; none of them stops its tracks. */
export interface StreamLease {
  readonly stream: MediaStream;
  readonly capture: Capture;
  /** Whether it was open, or asked for, already. */
  readonly reused: boolean;
  /** Called when the pool takes it back, because the page goes away; then it is released, and its tracks stop. */
  onrevoke: (() => void) | null;
  /** Clones of its tracks, to be disabled without the others; they are stopped with the lease. */
  clone(): MediaStream;
  /**
   * Says whether this lease needs nothing for now. When none does, the stream's own tracks are disabled, at which some
   * systems put the light of the camera out.
   */
  hold(held: boolean): void;
  /** Says that this lease needs one of the tracks of `capture` no more: it is stopped when no other lease does. */
  drop(track: MediaStreamTrack): void;
  /** May be called twice. */
  release(): void;
}

/** What the leases of a stream share. */
export interface Opened {
  readonly capture: Capture;
  readonly stream: MediaStream;
}

export class Lease implements StreamLease {
  onrevoke: (() => void) | null = null;
  held = false;
  readonly dropped = new Set<MediaStreamTrack>();
  readonly #cleanup = new Cleanup();

  constructor(
    private readonly opened: Opened,
    readonly reused: boolean,
    private readonly platform: CapturePlatform,
    private readonly tell: { released(): void; held(): void; dropped(track: MediaStreamTrack): void },
  ) {
    this.#cleanup.defer(() => tell.released());
  }

  get stream(): MediaStream {
    return this.opened.stream;
  }

  get capture(): Capture {
    return this.opened.capture;
  }

  clone(): MediaStream {
    const clones = this.#over ? [] : tracksOf(this.capture).map((track) => track.clone());
    for (const clone of clones) {
      // Of a camera that is about to be switched on again, Firefox gives a clone no picture before that is switched itself.
      clone.enabled = false;
      clone.enabled = true;
      this.#cleanup.defer(() => clone.stop());
    }
    return this.platform.createStream(clones);
  }

  hold(held: boolean): void {
    if (held === this.held) return;
    this.held = held;
    this.tell.held();
  }

  drop(track: MediaStreamTrack): void {
    if (this.#over) return;
    this.dropped.add(track);
    this.tell.dropped(track);
  }

  release(): void {
    this.#cleanup.close();
  }

  revoke(): void {
    if (this.#over) return;
    this.#cleanup.defer(() => this.onrevoke?.());
    this.release();
  }

  get #over(): boolean {
    return this.#cleanup.signal.aborted;
  }
}

export const tracksOf = ({ video, audio }: Capture): MediaStreamTrack[] => [...(video ? [video] : []), ...audio];
