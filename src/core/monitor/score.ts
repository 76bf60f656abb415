/** What the score is made of, each 0 (bad) to 1 (good); null for what could not be measured. */
export interface ScoreParts {
  /** Frame rate, as a share of the one to reach. */
  readonly frameRate: number | null;
  /** Frames that were not lost, as a share of those that were wanted. */
  readonly kept: number | null;
  /** Captures that were open already, as a share of those that could have been. */
  readonly reuse: number | null;
}

const WEIGHTS: Readonly<Record<keyof ScoreParts, number>> = { frameRate: 0.5, kept: 0.3, reuse: 0.2 };

/**
 * How well a producer does, 0 to 100: half frame rate, three tenths drops, two tenths reuse. The weight of a part that
 * could not be measured goes to the others, in proportion. Null when none could.
 */
export function performanceScore(parts: ScoreParts): number | null {
  let [sum, weights] = [0, 0];
  for (const name of Object.keys(WEIGHTS) as (keyof ScoreParts)[]) {
    const part = parts[name];
    if (part === null) continue;
    sum += WEIGHTS[name] * Math.min(Math.max(part, 0), 1);
    weights += WEIGHTS[name];
  }
  return weights > 0 ? (100 * sum) / weights : null;
}
