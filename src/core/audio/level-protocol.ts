import type { SoundMeterOptions } from './sound-meter.js';

/** What a processor of `level.worklet.ts` is made with. */
export interface LevelProcessorOptions extends SoundMeterOptions {
  /** Tells its records from others of the same context. */
  id: number;
  /** Whether integrated loudness and range stand still from the first sample on. */
  paused: boolean;
}

/**
 * What it is told. From `hold` to `go` nothing is measured, for there is no source; from `loudness` on that is measured, too.
 * A port is where the reports of all meters of the context go.
 */
export type LevelCommand = 'reset' | 'pause' | 'resume' | 'hold' | 'go' | 'loudness' | 'stop' | MessagePort;
