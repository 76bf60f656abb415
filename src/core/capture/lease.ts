import type { Capture } from './acquire.js';
import type { CapturePlatform } from './platform.js';

/** A counted claim on a stream. All leases of one configuration have the same stream; none of them stops its tracks. */
export interface StreamLease {
  readonly stream: MediaStream;
  readonly capture: Capture;
  /** Whether it was open, or asked for, already. */
  readonly reused: boolean;
  /** Called when the pool had to take it back: the page was hidden for good. Its tracks are stopped by then. */
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
  #clones: MediaStreamTrack[] = [];
  #over = false;

  constructor(
    private readonly opened: Opened,
    readonly reused: boolean,
    private readonly platform: CapturePlatform,
    private readonly tell: { released(): void; held(): void; dropped(track: MediaStreamTrack): void },
  ) {}

  get stream(): MediaStream {
    return this.opened.stream;
  }

  get capture(): Capture {
    return this.opened.capture;
  }

  clone(): MediaStream {
    const clones = this.#over ? [] : tracksOf(this.capture).map((track) => track.clone());
    for (const clone of clones) clone.enabled = true;
    this.#clones.push(...clones);
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
    if (this.#over) return;
    this.#over = true;
    this.stopClones();
    this.tell.released();
  }

  stopClones(): void {
    for (const track of this.#clones.splice(0)) track.stop();
  }

  revoke(): void {
    if (this.#over) return;
    this.release();
    this.onrevoke?.();
  }
}

export const tracksOf = ({ video, audio }: Capture): MediaStreamTrack[] => [...(video ? [video] : []), ...audio];
