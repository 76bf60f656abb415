import {
  defaultAudioBitrate,
  defaultVideoBitrate,
  hardwareEncodes,
  loadAacEncoder,
  openPlatformEncoder,
  platformEncodes,
  codecStrings,
  SOFTWARE_WAY,
  trialKey,
  tryEncoder,
  videoCandidates,
  type AudioCodec,
  type EncoderWay,
  type OpenSoundEncoder,
  type PictureSize,
  type TrialResult,
  type VideoCodec,
} from '../encode/index.js';
import type { OnAirErrorCode } from '../errors.js';
import { fault } from '../faults.js';
import type { Metrics } from '../metrics/index.js';
import type { RecordFormat } from './journal.js';
import type { TakeRequest } from './protocol.js';

export interface VideoChoice {
  codec: VideoCodec;
  codecString: string;
  way: EncoderWay;
  bitrate: number;
}

export interface AudioChoice {
  codec: AudioCodec;
  config: AudioEncoderConfig;
  open: OpenSoundEncoder;
  /** What was wanted and is not given. */
  compromises: OnAirErrorCode[];
}

/**
 * How many times real time a trial must reach for its codec to be taken while others are untried. It competes with the
 * start of its take and shows about half of what is sustained later: hence less than 1.
 */
const REAL_TIME = 0.6;

/**
 * The format and the video codec for a take, by trial: of all formats the first that is encoded in real time, or else the
 * last resort of the first format that has one, whose frames are dropped and counted. Adds every trial it makes to `request.trials`. */
export async function chooseVideo(
  request: TakeRequest,
  size: PictureSize | null,
): Promise<{ format: RecordFormat; video: VideoChoice | null }> {
  const formats = request.format === 'auto' ? request.preferred : [request.format];
  if (!size) return { format: formats[0]!, video: null };
  const bitrate = request.videoBitrate ?? defaultVideoBitrate(size);
  for (const least of [REAL_TIME, 0]) {
    for (const format of formats) {
      const video = await fastEnough(format, size, bitrate, request, least);
      if (video) return { format, video: { ...video, bitrate } };
    }
  }
  throw fault(request.format === 'auto' ? 'no-encoder' : 'format-unavailable');
}

async function fastEnough(
  format: RecordFormat,
  size: PictureSize,
  bitrate: number,
  request: TakeRequest,
  least: number,
): Promise<Omit<VideoChoice, 'bitrate'> | null> {
  for (const { codec, headroom } of videoCandidates[format]) {
    for await (const { way, trial } of trialsOf(codec, size, bitrate, request)) {
      const { ok, speed, codecString } = trial;
      if (ok && speed >= Math.max(headroom, least) * size.frameRate) return { codec, codecString, way };
    }
  }
  return null;
}

/** Trials of a codec, as it was asked for first; then in real time, and in software where there was hardware to fail. */
async function* trialsOf(
  codec: VideoCodec,
  size: PictureSize,
  bitrate: number,
  { trials, hardwareAcceleration: hardware, latencyMode }: TakeRequest,
): AsyncGenerator<{ way: EncoderWay; trial: TrialResult }> {
  const on = async (way: EncoderWay) => {
    const key = trialKey(codec, size, way);
    const trial = (trials[key] ??= await tryEncoder(codec, size, bitrate, way));
    return { way, trial };
  };
  const asked = await on({ hardware, latencyMode });
  yield asked;
  if (latencyMode !== 'realtime') yield await on({ hardware, latencyMode: 'realtime' });
  if (asked.trial.ok || hardware === 'prefer-software') return;
  const [codecString] = codecStrings(codec, size);
  const other = hardware === 'prefer-hardware' || (await hardwareEncodes(codecString!, size, bitrate));
  if (other) yield await on(SOFTWARE_WAY);
}

/**
 * Opus for WebM. For MP4 the platform's AAC, else the optional encoder's, else Opus, which not every player takes from an
 * MP4 and which is therefore told as a compromise. Adds every trial it makes to `request.trials`.
 */
export async function chooseAudio(
  format: RecordFormat,
  source: { sampleRate: number; channels: number },
  { audioBitrate, aacEncoder, trials }: TakeRequest,
  metrics: Metrics,
): Promise<AudioChoice> {
  const numberOfChannels = Math.min(source.channels, 2);
  const bitrate = audioBitrate ?? defaultAudioBitrate(numberOfChannels);
  const mp4 = format === 'mp4';
  for (const codec of mp4 ? [AAC_LC, 'opus'] : ['opus']) {
    const aac = codec === AAC_LC;
    const choice: Pick<AudioChoice, 'codec' | 'compromises'> = aac
      ? { codec: 'aac', compromises: [] }
      : { codec: 'opus', compromises: mp4 ? ['format-unavailable'] : [] };
    const usual = { codec, sampleRate: source.sampleRate, numberOfChannels, bitrate };
    for (const config of [usual, { ...usual, sampleRate: 48_000 }]) {
      const key = Object.values(config).join();
      const trial = (trials[key] ??= { ok: await platformEncodes(config), codecString: '', speed: 0 });
      if (trial.ok) return { ...choice, config, open: openPlatformEncoder };
    }
    const open = aac && aacEncoder ? await loadAacEncoder(aacEncoder, usual, metrics) : null;
    if (open) return { ...choice, config: usual, open };
  }
  throw fault('no-encoder');
}

/** MPEG-4 AAC Low Complexity (RFC 6381). */
const AAC_LC = 'mp4a.40.2';
