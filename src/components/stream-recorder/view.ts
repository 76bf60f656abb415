import type { MessageKey } from '../../core/messages.js';
import type { Recording, RecorderPhase, RecorderState } from '../../core/record/index.js';

/** What is shown. */
export interface View {
  readonly state: RecorderPhase;
  /** Why no take can be started. */
  readonly obstacle: MessageKey | null;
  /** What is missing, or to be done next, in words. */
  readonly hint: MessageKey | null;
  /** Whether the field is disabled. */
  readonly inactive: boolean;
  /** The last take that was kept, while there is no other. */
  readonly saved: Recording | null;
  readonly take: RecorderState;
  /** Seconds after which the take ends by itself. */
  readonly limit: number | null;
}

/** What the buttons do. */
export interface Actions {
  readonly press: () => void;
  readonly pause: () => void;
  readonly resume: () => void;
  readonly ask: () => void;
  readonly keep: () => void;
  readonly discard: () => void;
  readonly download: () => void;
}

export const isRunning = (state: RecorderPhase): boolean => state === 'recording' || state === 'paused';
