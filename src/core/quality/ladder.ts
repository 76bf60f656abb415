/** One step of the ladder; shares of what the page, or the device profile, asked for. */
export interface QualityLevel {
  /** Share of the full quality, 0.3 to 1. */
  readonly level: number;
  readonly bitrate: number;
  readonly frameRate: number;
  /** Of each side of the picture. */
  readonly size: number;
}

const STEP = 0.8;
const FLOOR = 0.3;
/** The frame rate follows the bitrate two steps behind, and the size follows the frame rate two steps behind. */
const BEHIND = 2;

const shareAt = (steps: number): number => Math.max(FLOOR, STEP ** Math.max(0, steps));

/**
 * From the full quality down: bits first, which cost the least to give up, then frames, then pixels. Each goes in steps of
 * 0.8 and never below 0.3.
 */
export const LADDER: readonly QualityLevel[] = Object.freeze(
  Array.from({ length: 7 }, (_, step) =>
    Object.freeze({
      level: round(shareAt(step)),
      bitrate: round(shareAt(step)),
      frameRate: round(shareAt(step - BEHIND)),
      size: round(shareAt(step - 2 * BEHIND)),
    }),
  ),
);

function round(share: number): number {
  return Math.round(share * 1000) / 1000;
}
