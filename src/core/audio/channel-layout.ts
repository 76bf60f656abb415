/** Loudspeakers that the channels of a sound are for, in this order. */
const WEIGHTS = {
  mono: [1],
  stereo: [1, 1],
  /** Left, right, centre. */
  '3.0': [1, 1, 1],
  /** Left, right, left and right surround. */
  quad: [1, 1, 1.41, 1.41],
  /** Left, right, centre, left and right surround. */
  '5.0': [1, 1, 1, 1.41, 1.41],
  /** The same with the low-frequency effects as the fourth, which do not count. */
  '5.1': [1, 1, 1, 0, 1.41, 1.41],
} as const satisfies Record<string, readonly number[]>;

/** A layout whose loudness is defined (BS.1770-5, annex 1). */
export type ChannelLayout = keyof typeof WEIGHTS;

/** Those that can be measured. */
export const CHANNEL_LAYOUTS = Object.freeze(Object.keys(WEIGHTS) as ChannelLayout[]);

/** Short names of the channels of a layout, as they stand beside a meter. */
export const CHANNEL_NAMES: Readonly<Record<ChannelLayout, readonly string[]>> = Object.freeze({
  mono: ['M'],
  stereo: ['L', 'R'],
  '3.0': ['L', 'R', 'C'],
  quad: ['L', 'R', 'Ls', 'Rs'],
  '5.0': ['L', 'R', 'C', 'Ls', 'Rs'],
  '5.1': ['L', 'R', 'C', 'LFE', 'Ls', 'Rs'],
});

/** Share of each channel's energy in the loudness; 1.41 (+1.5 dB) for what comes from behind. */
export const channelWeights = (layout: ChannelLayout): readonly number[] => WEIGHTS[layout];

/**
 * The layout that Web Audio gives to this number of channels (Web Audio API 1.1, section 4.2), null where it gives none:
 * three, five, or more than six channels may be anything.
 */
export function layoutOf(channels: number): ChannelLayout | null {
  return ({ 1: 'mono', 2: 'stereo', 4: 'quad', 6: '5.1' } as const)[channels] ?? null;
}
