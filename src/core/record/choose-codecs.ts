import {
  defaultAudioBitrate,
  defaultVideoBitrate,
  trialKey,
  tryEncoder,
  videoCandidates,
  type AudioCodec,
  type PictureSize,
  type TrialResult,
  type VideoCodec,
} from '../encode/index.js';
import type { OnAirErrorCode } from '../errors.js';
import { fault } from '../messages.js';
import type { RecordFormat } from './journal.js';
import type { TakeRequest } from './protocol.js';

export interface VideoChoice {
  codec: VideoCodec;
  codecString: string;
  bitrate: number;
}

export interface AudioChoice {
  codec: AudioCodec;
  config: AudioEncoderConfig;
}

/** The format and the video codec for a take, by trial. Adds every trial it makes to `request.trials`. */
export async function chooseVideo(
  request: TakeRequest,
  size: PictureSize | null,
): Promise<{ format: RecordFormat; video: VideoChoice | null }> {
  const formats = request.format === 'auto' ? request.preferred : [request.format];
  if (!size) return { format: formats[0]!, video: null };
  const bitrate = request.videoBitrate ?? defaultVideoBitrate(size);
  for (const format of formats) {
    const video = await fastEnough(format, size, bitrate, request.trials);
    if (video) return { format, video: { ...video, bitrate } };
  }
  throw fault(request.format === 'auto' ? 'no-encoder' : 'format-unavailable');
}

async function fastEnough(
  format: RecordFormat,
  size: PictureSize,
  bitrate: number,
  trials: Record<string, TrialResult>,
): Promise<{ codec: VideoCodec; codecString: string } | null> {
  let fastest: { codec: VideoCodec; codecString: string; speed: number } | null = null;
  for (const { codec, headroom } of videoCandidates[format]) {
    const key = trialKey(codec, size);
    const trial = trials[key] ?? (await tryEncoder(codec, size, bitrate));
    trials[key] = trial;
    if (!trial.ok) continue;
    if (trial.speed >= headroom * size.frameRate) return { codec, codecString: trial.codecString };
    if (!fastest || trial.speed > fastest.speed) fastest = { codec, ...trial };
  }
  return fastest;
}

/** Opus for WebM; AAC for MP4 where the platform has an encoder, else Opus, which is told as a compromise. */
export async function chooseAudio(
  format: RecordFormat,
  source: { sampleRate: number; channels: number },
  requested: number | null,
): Promise<AudioChoice & { compromises: OnAirErrorCode[] }> {
  const numberOfChannels = Math.min(source.channels, 2);
  const bitrate = requested ?? defaultAudioBitrate(numberOfChannels);
  const wanted: [AudioCodec, string][] = format === 'mp4' ? [['aac', 'mp4a.40.2'], ['opus', 'opus']] : [['opus', 'opus']];
  for (const [codec, codecString] of wanted) {
    for (const sampleRate of new Set([source.sampleRate, 48_000])) {
      const config = { codec: codecString, sampleRate, numberOfChannels, bitrate };
      if (!(await isSupported(config))) continue;
      return { codec, config, compromises: format === 'mp4' && codec === 'opus' ? ['format-unavailable'] : [] };
    }
  }
  throw fault('no-encoder');
}

async function isSupported(config: AudioEncoderConfig): Promise<boolean> {
  try {
    return (await AudioEncoder.isConfigSupported(config)).supported === true;
  } catch {
    return false;
  }
}
