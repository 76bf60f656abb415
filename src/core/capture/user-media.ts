import { ask } from './ask.js';
import type { Asked } from './asked.js';
import { cameraConstraints, microphoneConstraints, type CaptureConfig } from './config.js';
import { openNamed, whereLiked, type Devices, type Ids, type Liked, type Wanted } from './named-devices.js';
import type { CapturePlatform } from './platform.js';

/** Opens camera and microphone with one prompt. */
export async function openUserMedia(
  config: CaptureConfig,
  devices: Devices,
  platform: CapturePlatform,
  signal: AbortSignal | undefined,
): Promise<MediaStream> {
  const camera = config.video === 'camera';
  const microphone = config.audio.includes('microphone');
  const asked: Asked = camera && microphone ? 'both' : camera ? 'camera' : 'microphone';
  const open = (ids: Ids) =>
    ask(
      () =>
        devices.getUserMedia({
          video: camera && cameraConstraints(config, ids.videoinput),
          audio: microphone && microphoneConstraints(config, ids.audioinput),
        }),
      asked,
      platform,
      signal,
    );

  const names: Wanted = {
    ...(camera && config.videoDevice ? { videoinput: config.videoDevice } : {}),
    ...(microphone && config.audioDevice ? { audioinput: config.audioDevice } : {}),
  };
  const liked: Liked = {
    ...(camera && !config.videoDevice && config.likedVideoDevice ? { videoinput: config.likedVideoDevice } : {}),
    ...(microphone && !config.audioDevice && config.likedAudioDevice ? { audioinput: config.likedAudioDevice } : {}),
  };
  const [named, likes] = [names, liked].map((some) => Object.keys(some).length > 0);
  if (!named && !likes) return open({});
  const found = likes ? await whereLiked(liked, devices) : {};
  const openWith = (ids: Ids) => open({ ...found, ...ids });
  return named ? openNamed(names, openWith, devices) : openWith({});
}
