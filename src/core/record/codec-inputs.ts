import type { Metrics } from '../metrics/index.js';
import { FrameFeed } from './frame-feed.js';
import type { AudioInput, VideoInput } from './protocol.js';
import { openSoundPort, type SoundTold } from './sound-port.js';

/** What a take reads from, and what has to be transferred with it. */
export interface Inputs {
  video: VideoInput | null;
  audio: AudioInput | null;
  transfer: Transferable[];
  /**
   * Reads other tracks from now on. Answers what the worker is to read, and what has to be transferred with it; null where
   * the page does it all.
   * @param video another picture; null where it stays
   */
  replace(video: MediaStreamTrack | null, audio: MediaStreamTrack | null): Replacement | null;
  /** Ends what the page does for them. */
  close(): void;
}

export interface Replacement {
  video?: VideoInput;
  audio?: AudioInput;
  transfer: Transferable[];
}

/** Buffers that may wait for the worker; at 10 ms each two seconds. With the default of the browser 70 ms were lost once. */
const SOUND_BUFFERS = 200;

/** Frames that may. A camera has about three buffers, and a frame that waits keeps one from it. */
const PICTURES = 3;

/** Whether frames of a track can reach a worker without the page (Chromium: processor; Safari: the track itself). */
export function framesReachWorkers(): boolean {
  return typeof MediaStreamTrackProcessor === 'function' || tracksTransfer();
}

/**
 * Opens what a take reads from.
 * @param onFrame receives frames where only the page can read them (Firefox); it owns them from then on. `other` is what
 *   the first frame of another track comes with.
 * @param metrics where the loading of parts is timed
 */
export async function openInputs(
  video: MediaStreamTrack | null,
  audio: MediaStreamTrack | null,
  onFrame: (frame: VideoFrame, other: VideoInput | null) => void,
  told: SoundTold,
  metrics: Metrics | null,
): Promise<Inputs> {
  const picture = video ? videoInput(video) : null;
  const sound = audio
    ? await audioInput(audio, told, metrics).catch((thrown: unknown) => {
        picture?.close();
        throw thrown;
      })
    : null;
  const read = (track: MediaStreamTrack) => new FrameFeed(track, (frame) => onFrame(frame, null));
  let feed = video && picture?.input.via === 'messages' ? read(video) : null;
  let next: FrameFeed | null = null;

  /** The one before is read until the first frame of this one. */
  function readNext(track: MediaStreamTrack, input: VideoInput): void {
    next?.close();
    const follower = (next = new FrameFeed(track, (frame) => {
      const first = follower === next;
      if (first) {
        feed?.close();
        [feed, next] = [follower, null];
      }
      onFrame(frame, first ? input : null);
    }));
  }

  return {
    video: picture?.input ?? null,
    audio: sound?.input ?? null,
    transfer: [...(picture?.transfer ?? []), ...(sound?.transfer ?? [])],
    replace(video, audio) {
      const other = video ? videoInput(video) : null;
      if (video && other?.input.via === 'messages') readNext(video, other.input);
      const otherSound = audio && !sound?.replace?.(audio) ? readableSound(audio) : null;
      const ofPicture = other && other.input.via !== 'messages' ? other : null;
      if (!ofPicture && !otherSound) return null;
      return {
        ...(ofPicture ? { video: ofPicture.input } : {}),
        ...(otherSound ? { audio: otherSound.input } : {}),
        transfer: [...(ofPicture?.transfer ?? []), ...(otherSound?.transfer ?? [])],
      };
    },
    close() {
      picture?.close();
      feed?.close();
      next?.close();
      sound?.close();
    },
  };
}

interface PictureInput {
  input: VideoInput;
  transfer: Transferable[];
  close(): void;
}

function videoInput(track: MediaStreamTrack): PictureInput {
  const settings = track.getSettings();
  // Only what was taken from a device has a group; a screen says what it shows.
  const camera = settings.groupId !== undefined && settings.displaySurface === undefined;
  const kind = { frameRate: settings.frameRate ?? null, camera };
  if (typeof MediaStreamTrackProcessor === 'function') {
    const { readable } = new MediaStreamTrackProcessor({
      track: track as MediaStreamVideoTrack,
      maxBufferSize: PICTURES,
    });
    return { input: { via: 'readable', readable, ...kind }, transfer: [readable], close: () => {} };
  }
  if (tracksTransfer()) {
    // The one that is transferred is gone from the page: a clone goes. One that stays would keep the camera on.
    const clone = track.clone();
    return { input: { via: 'track', track: clone, ...kind }, transfer: [clone], close: () => clone.stop() };
  }
  return { input: { via: 'messages', ...kind }, transfer: [], close: () => {} };
}

interface SoundInput {
  input: AudioInput;
  transfer: Transferable[];
  /** Answers whether another track is read in the place of this one; where not, it is read anew. */
  replace?(track: MediaStreamTrack): boolean;
  close(): void;
}

async function audioInput(track: MediaStreamTrack, told: SoundTold, metrics: Metrics | null): Promise<SoundInput> {
  return readableSound(track) ?? openSoundPort(track, told, metrics);
}

function readableSound(track: MediaStreamTrack): SoundInput | null {
  if (typeof MediaStreamTrackProcessor !== 'function') return null;
  const { readable } = new MediaStreamTrackProcessor({
    track: track as MediaStreamAudioTrack,
    maxBufferSize: SOUND_BUFFERS,
  });
  return { input: { via: 'readable', readable }, transfer: [readable], close: () => {} };
}

let transfers: boolean | undefined;

function tracksTransfer(): boolean {
  return (transfers ??= tryTransfer());
}

/** Nothing tells but the attempt: a canvas gives a track without asking anybody. */
function tryTransfer(): boolean {
  const track = document.createElement('canvas').captureStream(0).getVideoTracks()[0]!;
  const { port1, port2 } = new MessageChannel();
  try {
    port1.postMessage(track, [track]);
    return true;
  } catch {
    track.stop();
    return false;
  } finally {
    port1.close();
    port2.close();
  }
}
