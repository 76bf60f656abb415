/** dB of an amplitude; full scale is 0, silence -Infinity. */
export const amplitudeToDecibels = (amplitude: number): number => 20 * Math.log10(amplitude);

/** dB of a mean square; -Infinity for none. */
export const powerToDecibels = (power: number): number => 10 * Math.log10(power);

/** What a sine of 997 Hz at full scale in one channel is lifted by, so that it reads -3.01 LUFS (BS.1770-5, annex 1). */
const OFFSET = -0.691;

/** LUFS of the weighted sum of the mean squares of K-weighted channels. */
export const loudnessOf = (energy: number): number => OFFSET + powerToDecibels(energy);

/** The energy that has this loudness. */
export const energyOf = (lufs: number): number => 10 ** ((lufs - OFFSET) / 10);
