/** y[n] = b0 x[n] + b1 x[n-1] + b2 x[n-2] - a1 y[n-1] - a2 y[n-2] */
export interface Biquad {
  readonly b: readonly [number, number, number];
  readonly a: readonly [number, number];
}

/** The analogue prototype of the tables in BS.1770-5, annex 1: a shelf for the head, and a high-pass (RLB). Hz, dB. */
const SHELF = { frequency: 1681.9744509555319, gain: 3.99984385397, q: 0.7071752369554193, slope: 0.499666774155 };
const HIGH_PASS = { frequency: 38.13547087613982, q: 0.5003270373253953 };
const TABLE_RATE = 48_000;

/** Below it the shelf no longer lies under half the sample rate by far enough. Hz. */
export const LOWEST_RATE = 8000;

const warped = (frequency: number, sampleRate: number) => Math.tan((Math.PI * frequency) / sampleRate);

/** The two stages of K-weighting at any sample rate from 8 kHz on. At 48 kHz they are those of the standard's tables. */
export function kWeighting(sampleRate: number): { shelf: Biquad; highPass: Biquad } {
  return { shelf: shelfAt(sampleRate), highPass: highPassAt(sampleRate) };
}

/** Share of the energy that the shelf lets through: the prototype's, as the standard's table has it at 48 kHz. */
function shelfEnergy(frequency: number): number {
  const high = 10 ** (SHELF.gain / 20);
  if (frequency >= TABLE_RATE / 2) return high ** 2;
  const w = warped(frequency, TABLE_RATE) / warped(SHELF.frequency, TABLE_RATE);
  const middle = high ** SHELF.slope;
  return ((1 - high * w ** 2) ** 2 + ((middle * w) / SHELF.q) ** 2) / ((1 - w ** 2) ** 2 + (w / SHELF.q) ** 2);
}

type Three = readonly [number, number, number];

const determinant = ([a, b, c]: Three, [d, e, f]: Three, [g, h, i]: Three) =>
  a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);

/**
 * The shelf that lets through what the standard's does at 0 Hz, at half the sample rate, and at three frequencies between
 * them. The bilinear transform alone bends it where it comes near to half the sample rate, by 0.2 dB at 1 kHz in a sound of
 * 8 kHz; this is right within 0.03 dB.
 *
 * The energy that a biquad lets through is a ratio of sums of p = cos²(ω/2), q = sin²(ω/2) and 4pq (M. Vicanek, Matched
 * second order digital filters, 2016): with both ends given, three linear equations are left.
 */
function shelfAt(sampleRate: number): Biquad {
  const end = shelfEnergy(sampleRate / 2);
  const rows = [0.5, 1, 1.5].map((share) => {
    const frequency = share * SHELF.frequency;
    const energy = shelfEnergy(frequency);
    const q = Math.sin((Math.PI * frequency) / sampleRate) ** 2;
    const pq = 4 * q * (1 - q);
    return [q * (end - energy), pq, -energy * pq, (1 - q) * (energy - 1)] as const;
  });
  const column = (at: 0 | 1 | 2 | 3) => rows.map((row) => row[at]) as unknown as Three;
  const [first, second, third, given] = [column(0), column(1), column(2), column(3)];
  const all = determinant(first, second, third);
  const poles = determinant(given, second, third) / all;
  const [a0, a1, a2] = factor(poles, determinant(first, second, given) / all);
  const [b0, b1, b2] = factor(end * poles, determinant(first, given, third) / all);
  return { b: [b0 / a0, b1 / a0, b2 / a0], a: [a1 / a0, a2 / a0] };
}

/** The polynomial of minimum phase whose energy is p + `end` q + `middle` 4pq. */
function factor(end: number, middle: number): Three {
  const half = (1 + Math.sqrt(end)) / 2;
  const first = (half + Math.sqrt(half ** 2 + middle)) / 2;
  return [first, (1 - Math.sqrt(end)) / 2, -middle / (4 * first)];
}

/**
 * The table gives this stage 1, -2, 1, which is a gain of 0.04 dB at 48 kHz and would be one of 0.26 dB at 8 kHz: the gain
 * is held at what it is in the table.
 */
function highPassAt(sampleRate: number): Biquad {
  const scaleAt = (rate: number) => {
    const k = warped(HIGH_PASS.frequency, rate);
    return 1 + k / HIGH_PASS.q + k * k;
  };
  const k = warped(HIGH_PASS.frequency, sampleRate);
  const scale = scaleAt(sampleRate);
  const gain = scaleAt(TABLE_RATE) / scale;
  return {
    b: [gain, -2 * gain, gain],
    a: [(2 * (k * k - 1)) / scale, (1 - k / HIGH_PASS.q + k * k) / scale],
  };
}
