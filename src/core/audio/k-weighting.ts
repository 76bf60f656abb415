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

/**
 * The two stages of K-weighting at any sample rate from 8 kHz on, by the bilinear transform. At 48 kHz they are those of
 * the standard's tables.
 */
export function kWeighting(sampleRate: number): { shelf: Biquad; highPass: Biquad } {
  return { shelf: shelfAt(sampleRate), highPass: highPassAt(sampleRate) };
}

function shelfAt(sampleRate: number): Biquad {
  const k = warped(SHELF.frequency, sampleRate);
  const high = 10 ** (SHELF.gain / 20);
  const middle = high ** SHELF.slope;
  const scale = 1 + k / SHELF.q + k * k;
  return {
    b: [
      (high + (middle * k) / SHELF.q + k * k) / scale,
      (2 * (k * k - high)) / scale,
      (high - (middle * k) / SHELF.q + k * k) / scale,
    ],
    a: [(2 * (k * k - 1)) / scale, (1 - k / SHELF.q + k * k) / scale],
  };
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
