/** Bytes of chunks, or of samples, that may be on their way to a worker: one that the disk holds up reads no messages. */
export const MOST_UNDERWAY = 64e6;

/** Frames that may be: each holds a picture in memory, and one of the few buffers of its source. */
const MOST_FRAMES = 3;

/** Lets frames go to a worker as it takes them; the rest are given up, and counted. */
export class FrameGate {
  #underway = 0;
  #givenUp = 0;

  /** @param send `givenUp` is how many there were since the last frame that was sent */
  constructor(private readonly send: (frame: VideoFrame, givenUp: number) => void) {}

  give(frame: VideoFrame): void {
    if (this.#underway === MOST_FRAMES) {
      frame.close();
      this.#givenUp++;
      return;
    }
    this.#underway++;
    this.send(frame, this.#givenUp);
    this.#givenUp = 0;
  }

  /** The worker has taken one. */
  taken(): void {
    this.#underway--;
  }
}

/** Counts what goes to a worker and must not be given up. */
export class SampleGate {
  #underway = 0;
  #clogged = false;

  /** @param onClogged called once, when more is on its way than memory is to hold: the take is to end */
  constructor(private readonly onClogged: () => void) {}

  /** Answers whether these bytes may go. What would follow a hole is not sent, either. */
  give(bytes: number): boolean {
    if (!this.#clogged && this.#underway + bytes > MOST_UNDERWAY) {
      this.#clogged = true;
      this.onClogged();
    }
    if (!this.#clogged) this.#underway += bytes;
    return !this.#clogged;
  }

  /** The worker has taken so many. */
  taken(bytes: number): void {
    this.#underway -= bytes;
  }
}

/** Counts chunks that go to a worker until they are on disk. */
export class ChunkGate {
  #posted = 0;
  #written = 0;
  #clogged = false;

  /** @param onClogged called once, when more is on its way than memory is to hold: the take is to end */
  constructor(private readonly onClogged: () => void) {}

  /** Answers whether these bytes may go. */
  give(bytes: number): boolean {
    // What would follow a hole is not sent, either.
    if (this.#clogged) return false;
    if (this.#posted - this.#written > MOST_UNDERWAY) {
      this.#clogged = true;
      this.onClogged();
      return false;
    }
    this.#posted += bytes;
    return true;
  }

  /** So many bytes are on disk by now. */
  written(size: number): void {
    this.#written = size;
  }

  /** What is on disk by now has not come from here. */
  begin(): void {
    this.#posted = this.#written;
  }
}
