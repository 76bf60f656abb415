/** Input samples that each interpolated one is made of. */
export const TAPS = 16;
const HALF = TAPS / 2;
/** Shape of the Kaiser window: within 0.1 dB up to 0.4 of the sample rate, 19.2 kHz at 48 kHz. */
const BETA = 4.5;
/** Frames that are looked at in one go. */
const CHUNK = 128;

/** Modified Bessel function of order 0, by its series. */
function bessel(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= (x / 2 / k) ** 2;
    sum += term;
  }
  return sum;
}

/** Coefficients that give the signal `fraction` of a sample behind the middle of `TAPS` samples. */
function phase(fraction: number): number[] {
  const taps = Array.from({ length: TAPS }, (_, k) => {
    const t = Math.PI * (k + 1 - HALF - fraction);
    const window = bessel(BETA * Math.sqrt(1 - (t / Math.PI / HALF) ** 2)) / bessel(BETA);
    return (Math.sin(t) / t) * window;
  });
  const sum = taps.reduce((total, tap) => total + tap);
  return taps.map((tap) => tap / sum);
}

const QUARTER = phase(1 / 4);
/** The phases at one and at three quarters mirror each other, so both come from sums and differences of pairs. */
const even = (k: number) => (QUARTER[k]! + QUARTER[TAPS - 1 - k]!) / 2;
const odd = (k: number) => (QUARTER[k]! - QUARTER[TAPS - 1 - k]!) / 2;
const HALFWAY = phase(1 / 2);
// As constants by name, which engines compile into the loop.
const [E0, E1, E2, E3, E4, E5, E6, E7] = [
  even(0),
  even(1),
  even(2),
  even(3),
  even(4),
  even(5),
  even(6),
  even(7),
] as const;
const [O0, O1, O2, O3, O4, O5, O6, O7] = [odd(0), odd(1), odd(2), odd(3), odd(4), odd(5), odd(6), odd(7)] as const;
const [M0, M1, M2, M3, M4, M5, M6, M7] = [
  HALFWAY[0]!,
  HALFWAY[1]!,
  HALFWAY[2]!,
  HALFWAY[3]!,
  HALFWAY[4]!,
  HALFWAY[5]!,
  HALFWAY[6]!,
  HALFWAY[7]!,
] as const;

/** How many times a rate is oversampled: to 176.4 kHz or more, what BS.1770-5 (annex 2) asks for. */
export const oversampling = (sampleRate: number): 1 | 2 | 4 => (sampleRate < 88_200 ? 4 : sampleRate < 176_400 ? 2 : 1);

/**
 * The peak of the signal that the samples stand for, between them too (BS.1770-5, annex 2): a polyphase FIR filter that
 * leaves the samples themselves as they are. All in linear amplitude, 1 being full scale. What is not a finite number
 * counts as 0.
 *
 * What is found goes straight into an array: for a number that a function answers engines may make an object each time.
 */
export class TruePeak {
  readonly #factor: 1 | 2 | 4;
  /** The last `TAPS` - 1 samples of each channel, and room for those that come. */
  readonly #lines: readonly Float64Array[];
  /** Of a channel that is gone, too. */
  readonly #peaks: Float64Array;
  /** How many values to come would lie between samples that do not belong together, in each channel. */
  readonly #apart: Uint8Array;
  /** Channels that came last. */
  #count = 0;

  constructor(sampleRate: number, channels: number) {
    this.#factor = oversampling(sampleRate);
    this.#lines = Array.from({ length: channels }, () => new Float64Array(TAPS - 1 + CHUNK));
    this.#peaks = new Float64Array(channels);
    this.#apart = new Uint8Array(channels);
  }

  /** The highest of a channel, or of all that there were, since the last reset. */
  peak(channel?: number): number {
    if (channel !== undefined) return this.#peaks[channel]!;
    let highest = 0;
    for (let i = 0; i < this.#peaks.length; i++) if (this.#peaks[i]! > highest) highest = this.#peaks[i]!;
    return highest;
  }

  /** Forgets the peaks. What comes is looked at by itself: nothing is left of what came before. */
  reset(): void {
    this.#peaks.fill(0);
    this.part();
  }

  /** What comes is no continuation of what came: between them there is no peak. */
  part(): void {
    this.#apart.fill(TAPS - 1);
  }

  process(planes: readonly Float32Array[]): void {
    const channels = Math.min(planes.length, this.#lines.length);
    // A channel that comes begins by itself, be it one that was there before.
    if (this.#count > 0 && channels !== this.#count) this.#apart.fill(TAPS - 1, Math.min(channels, this.#count));
    this.#count = channels;
    for (let channel = 0; channel < channels; channel++) {
      const plane = planes[channel]!;
      for (let from = 0; from < plane.length; from += CHUNK)
        this.#look(channel, plane, from, Math.min(CHUNK, plane.length - from));
    }
  }

  /** The next `frames` of a channel. */
  #look(channel: number, plane: Float32Array, from: number, frames: number): void {
    const line = this.#lines[channel]!;
    const peaks = this.#peaks;
    let sampled = 0;
    for (let i = 0; i < frames; i++) {
      const sample = plane[from + i]!;
      // Infinity less itself is not a number either.
      const held = sample - sample === 0 ? sample : 0;
      line[TAPS - 1 + i] = held;
      const size = Math.abs(held);
      if (size > sampled) sampled = size;
    }
    if (sampled > peaks[channel]!) peaks[channel] = sampled;
    const first = Math.min(this.#apart[channel]!, frames);
    this.#apart[channel]! -= first;
    if (this.#factor === 4) quarters(line, first, frames, peaks, channel);
    else if (this.#factor === 2) halves(line, first, frames, peaks, channel);
    line.copyWithin(0, frames, frames + TAPS - 1);
  }
}

/** The three values between each two samples. Written out: a loop over the taps costs twice as much. */
function quarters(line: Float64Array, first: number, frames: number, peaks: Float64Array, channel: number): void {
  let peak = 0;
  for (let i = first; i < frames; i++) {
    let near = line[i]!;
    let far = line[i + 15]!;
    let sum = near + far;
    let both = E0 * sum;
    let middle = M0 * sum;
    let apart = O0 * (near - far);
    near = line[i + 1]!;
    far = line[i + 14]!;
    sum = near + far;
    both += E1 * sum;
    middle += M1 * sum;
    apart += O1 * (near - far);
    near = line[i + 2]!;
    far = line[i + 13]!;
    sum = near + far;
    both += E2 * sum;
    middle += M2 * sum;
    apart += O2 * (near - far);
    near = line[i + 3]!;
    far = line[i + 12]!;
    sum = near + far;
    both += E3 * sum;
    middle += M3 * sum;
    apart += O3 * (near - far);
    near = line[i + 4]!;
    far = line[i + 11]!;
    sum = near + far;
    both += E4 * sum;
    middle += M4 * sum;
    apart += O4 * (near - far);
    near = line[i + 5]!;
    far = line[i + 10]!;
    sum = near + far;
    both += E5 * sum;
    middle += M5 * sum;
    apart += O5 * (near - far);
    near = line[i + 6]!;
    far = line[i + 9]!;
    sum = near + far;
    both += E6 * sum;
    middle += M6 * sum;
    apart += O6 * (near - far);
    near = line[i + 7]!;
    far = line[i + 8]!;
    sum = near + far;
    both += E7 * sum;
    middle += M7 * sum;
    apart += O7 * (near - far);
    // The larger of |both + apart| and |both - apart|.
    const quarter = Math.abs(both) + Math.abs(apart);
    const half = Math.abs(middle);
    if (quarter > peak) peak = quarter;
    if (half > peak) peak = half;
  }
  if (peak > peaks[channel]!) peaks[channel] = peak;
}

/** The values half-way between samples. */
function halves(line: Float64Array, first: number, frames: number, peaks: Float64Array, channel: number): void {
  let peak = 0;
  for (let i = first; i < frames; i++) {
    const middle =
      M0 * (line[i]! + line[i + 15]!) +
      M1 * (line[i + 1]! + line[i + 14]!) +
      M2 * (line[i + 2]! + line[i + 13]!) +
      M3 * (line[i + 3]! + line[i + 12]!) +
      M4 * (line[i + 4]! + line[i + 11]!) +
      M5 * (line[i + 5]! + line[i + 10]!) +
      M6 * (line[i + 6]! + line[i + 9]!) +
      M7 * (line[i + 7]! + line[i + 8]!);
    const size = Math.abs(middle);
    if (size > peak) peak = size;
  }
  if (peak > peaks[channel]!) peaks[channel] = peak;
}
