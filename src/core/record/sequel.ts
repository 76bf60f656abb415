import type { AudioCodec, VideoCodec } from '../encode/index.js';
import type { RecordFormat } from './journal.js';

/** What the encoders of a take were to write, and of what there is a packet. */
export interface Begun {
  format: RecordFormat;
  video: VideoCodec | null;
  audio: AudioCodec | null;
  has(track: 'video' | 'audio'): boolean;
}

/** MediaRecorder's words for codecs that describe themselves with each key frame. */
const PICTURES: Readonly<Partial<Record<VideoCodec, string>>> = { vp8: 'vp8', vp9: 'vp9' };
const SOUNDS: Readonly<Record<AudioCodec, string>> = { opus: 'opus', aac: 'mp4a' };

/**
 * The first of these MIME types of MediaRecorder that may go on behind what encoders have written, so that a copy can join
 * both; null for none. What there is in the file is to be of the same codec. Of a track that the file has not yet,
 * anything may come: its encoder failed with its first pictures.
 */
export function sequelOf(types: readonly string[], { format, video, audio, has }: Begun): string | null {
  const goesOn = (type: string): boolean => {
    const [container = '', codecs = ''] = type.split(';');
    if (container !== `${video ? 'video' : 'audio'}/${format}`) return false;
    const samePicture = !video || !has('video') || codecs.includes(PICTURES[video] ?? 'none');
    const sameSound = !audio || !has('audio') || codecs.includes(SOUNDS[audio]);
    return samePicture && sameSound;
  };
  return types.find(goesOn) ?? null;
}
