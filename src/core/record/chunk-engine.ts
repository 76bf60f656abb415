import { fault } from '../faults.js';
import type { Engine, EngineHost, EngineStart } from './engine.js';
import type { TakeRequest } from './protocol.js';
import type { TakeWriter } from './take-writer.js';

/**
 * The declared fallback: MediaRecorder in the page encodes and muxes, its chunks are written here as they come. The
 * file has no index and no duration until it is copied into a new one at the end.
 */
export class ChunkEngine implements Engine {
  readonly counts = { frames: 0, framesDropped: 0, silence: 0 };
  #duration = 0;
  #writes: Promise<void> = Promise.resolve();
  #failed = false;

  constructor(
    private readonly request: TakeRequest,
    private readonly writer: TakeWriter,
    private readonly host: EngineHost,
  ) {}

  get duration(): number {
    return this.#duration;
  }

  start(): Promise<EngineStart> {
    const { mimeType } = this.request;
    return Promise.resolve({ format: /\/mp4/.test(mimeType) ? 'mp4' : 'webm', mimeType, compromises: [] });
  }

  /** @param duration seconds of media up to the end of this chunk */
  chunk(bytes: Uint8Array, duration: number): void {
    this.#writes = this.#writes
      .then(async () => {
        if (this.#failed) return;
        await this.writer.append(bytes);
        this.#duration = duration;
        this.host.media();
      })
      .catch((thrown: unknown) => {
        this.#failed = true;
        this.host.fail(thrown);
      });
  }

  // The page pauses its MediaRecorder; no chunks come meanwhile.
  pause(): void {}
  resume(): void {}

  async stop(): Promise<boolean> {
    await this.#writes;
    if (this.writer.size === 0) throw fault('no-media');
    return false;
  }

  abort(): Promise<void> {
    return this.#writes;
  }
}
