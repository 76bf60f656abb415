/**
 * A figure: what was measured; null while it is not known; `unsupported` where this engine, or this page, cannot tell. It is
 * never 0 for either.
 */
export type Told<T> = T | null | 'unsupported';

/** The number that was measured; else null. */
export const numberOf = (told: unknown): number | null => (typeof told === 'number' ? told : null);

/** A share, or another quotient of two amounts; null of nothing. */
export const share = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null);

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** What amounts come to; null where one of them is not known. */
export const together = (...amounts: (number | null)[]): number | null =>
  amounts.includes(null) ? null : sum(amounts as number[]);

/** Freezes plain data, with all that is in it. */
export function frozen<T>(data: T): T {
  // Which a number, a text or null is already.
  if (!Object.isFrozen(data)) for (const name in Object.freeze(data)) frozen(data[name]);
  return data;
}
