import type { RecordFormat } from '../record/index.js';

export type VideoCodec = 'vp8' | 'vp9' | 'av1' | 'avc';
export type AudioCodec = 'opus' | 'aac';

export interface PictureSize {
  /** Pixels, even. */
  width: number;
  height: number;
  /** Frames per second that the source promises. */
  frameRate: number;
}

export interface VideoCandidate {
  codec: VideoCodec;
  /** How many times real time the trial must reach, also where no other codec does. */
  headroom: number;
}

/**
 * What to try for a format, in this order; the first that has the headroom is taken.
 *
 * VP9 wherever it can be sustained. VP8's encoder threads wait for each other by spinning (libvpx), so that on a busy
 * machine a frame takes up to ten times as long: while the page was blocked for 3 s on two cores, at 720p30 VP8 lost 0 to
 * 16 % of a take's frames and VP9 none. A trial competes with the start of its take and shows about half of what is
 * sustained later (there 20 to 37 fps of 43 to 60), hence less than 1. VP8 and H.264 are the last resort of their
 * formats: where no codec of any format is fast enough, frames are dropped and counted, which is still the best there
 * is. AV1 comes last, because many players that people send files to cannot play it.
 */
export const videoCandidates: Record<RecordFormat, readonly VideoCandidate[]> = {
  webm: [
    { codec: 'vp9', headroom: 0.6 },
    { codec: 'vp8', headroom: 0 },
    { codec: 'av1', headroom: 0 },
  ],
  mp4: [{ codec: 'avc', headroom: 0 }],
};

/** Bits per second that keep a talking head free of visible blocks: 0.09 bits a pixel (2.5 Mbit/s at 720p30). */
export function defaultVideoBitrate({ width, height, frameRate }: PictureSize): number {
  return Math.round(Math.max(250_000, width * height * frameRate * 0.09));
}

/** Bits per second: 64 kbit/s a channel is transparent for speech and good for music with Opus. */
export function defaultAudioBitrate(channels: number): number {
  return 64_000 * Math.max(1, Math.min(channels, 2));
}

/** The WebCodecs strings of a codec for this picture, most capable profile first. */
export function codecStrings(codec: VideoCodec, size: PictureSize): string[] {
  switch (codec) {
    case 'vp8':
      return ['vp8'];
    case 'vp9':
      return [`vp09.00.${pick(VP9_LEVELS, size)}.08`];
    case 'av1':
      return [`av01.0.${pick(AV1_LEVELS, size)}M.08`];
    case 'avc': {
      const level = pick(AVC_LEVELS, size);
      return [`avc1.6400${level}`, `avc1.4d00${level}`, `avc1.42e0${level}`];
    }
  }
}

type Level = readonly [name: string, pixels: number, pixelsPerSecond: number];

/** The lowest level that holds the picture; decoders refuse what claims more than they support. */
function pick(levels: readonly Level[], { width, height, frameRate }: PictureSize): string {
  const pixels = width * height;
  const fits = levels.find(([, most, rate]) => pixels <= most && pixels * frameRate <= rate);
  return (fits ?? levels[levels.length - 1]!)[0];
}

// ITU-T H.264 table A-1, in pixels (macroblocks x 256).
const AVC_LEVELS: readonly Level[] = [
  ['1e', 414_720, 10_368_000],
  ['1f', 921_600, 27_648_000],
  ['20', 1_310_720, 55_296_000],
  ['28', 2_097_152, 62_914_560],
  ['2a', 2_228_224, 133_693_440],
  ['32', 5_652_480, 150_994_944],
  ['33', 9_437_184, 251_658_240],
  ['34', 9_437_184, 530_841_600],
];
// VP9 levels (webmproject.org/vp9/levels).
const VP9_LEVELS: readonly Level[] = [
  ['21', 245_760, 9_216_000],
  ['30', 552_960, 20_736_000],
  ['31', 983_040, 36_864_000],
  ['40', 2_228_224, 83_558_400],
  ['41', 2_228_224, 160_432_128],
  ['50', 8_912_896, 311_951_360],
  ['51', 8_912_896, 588_251_136],
];
// AV1 specification, annex A.3.
const AV1_LEVELS: readonly Level[] = [
  ['01', 278_784, 10_454_400],
  ['04', 665_856, 24_969_600],
  ['05', 1_065_024, 39_938_400],
  ['08', 2_359_296, 77_856_768],
  ['09', 2_359_296, 155_713_536],
  ['12', 8_912_896, 273_715_200],
  ['13', 8_912_896, 547_430_400],
];
