import { ask } from './ask.js';
import type { Asked } from './asked.js';
import { cameraConstraints, microphoneConstraints, type CaptureConfig } from './config.js';
import type { Devices, Wanted } from './named-devices.js';
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
  const open = (ids: Wanted) =>
    ask(
      () =>
        devices.getUserMedia({
          video: camera && cameraConstraints(config, ids.videoinput),
          audio: microphone && microphoneConstraints(ids.audioinput),
        }),
      asked,
      platform,
      signal,
    );

  const names: Wanted = {
    ...(camera && config.videoDevice ? { videoinput: config.videoDevice } : {}),
    ...(microphone && config.audioDevice ? { audioinput: config.audioDevice } : {}),
  };
  if (Object.keys(names).length === 0) return open({});
  const { openNamed } = await import('./named-devices.js');
  return openNamed(names, open, devices);
}
