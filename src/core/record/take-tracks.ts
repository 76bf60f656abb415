import { mixAudio, type AudioMix } from '../audio/index.js';
import { fault } from '../faults.js';
import type { RecordEngine } from './journal.js';

export interface Tracks {
  video: MediaStreamTrack | null;
  /** All sounds as one. */
  audio: MediaStreamTrack | null;
  /** What it is made of. */
  sounds: readonly MediaStreamTrack[];
}

export const streamOf = (video: MediaStreamTrack | null, audio: MediaStreamTrack | null): MediaStream =>
  new MediaStream([video, audio].filter((track) => track !== null));

/** What a take is of: the picture of a stream, and one track of all its sounds. */
export class TakeTracks {
  #mix: AudioMix | null = null;

  /** @param heldBack told whether the browser plays no sound before a gesture, and mixes or reads none */
  constructor(
    private readonly stream: MediaStream,
    private readonly heldBack: (suspended: boolean) => void,
  ) {}

  /** Null where the sound is not mixed. */
  get mix(): AudioMix | null {
    return this.#mix;
  }

  /** @throws OnAirError `no-source` where the stream holds nothing that is live */
  async find(engine: RecordEngine): Promise<Tracks> {
    const live = (track: MediaStreamTrack) => track.readyState === 'live';
    const video = this.stream.getVideoTracks().find(live) ?? null;
    const sounds = this.stream.getAudioTracks().filter(live);
    if (!video && sounds.length === 0) throw fault('no-source');
    if (sounds.length === 0) return { video, audio: null, sounds };
    this.#mix?.close();
    // MediaRecorder in Firefox delivers nothing more once its sound has ended.
    const mix = mixAudio(sounds, { steady: engine === 'mediarecorder' });
    this.#mix = mix;
    await mix.settled;
    const heldBack = () => this.heldBack(mix.suspended);
    if (mix.suspended && engine === 'mediarecorder') {
      // MediaRecorder waits for a track that gives nothing: it gets the first sound alone, unmixed, for all of the take.
      if (sounds.length > 1) heldBack();
      mix.close();
      this.#mix = null;
      return { video, audio: sounds[0]!, sounds };
    }
    mix.onstatechange = heldBack;
    if (mix.suspended) heldBack();
    return { video, audio: mix.track, sounds };
  }

  /**
   * What the stream holds now in the place of what it held; null where that is the same. Other sounds than one are mixed
   * where they come from. `video` and `audio` are what is to be read in the place of another track, null where that stays.
   */
  follow(before: Tracks): { tracks: Tracks; video: MediaStreamTrack | null; audio: MediaStreamTrack | null } | null {
    const video = this.stream.getVideoTracks()[0] ?? null;
    const sounds = this.stream.getAudioTracks();
    const [old, sound] = [before.sounds[0], sounds[0]];
    const otherVideo = before.video && video !== before.video ? video : null;
    const otherSound = old && sound && sound !== old ? sound : null;
    if (!otherVideo && !otherSound) return null;
    const mixed = otherSound !== null && this.#mix?.replace(old!, otherSound) === true;
    const audio = otherSound && !mixed ? otherSound : before.audio;
    const tracks = { video: video ?? before.video, audio, sounds };
    return { tracks, video: otherVideo, audio: audio === before.audio ? null : audio };
  }

  close(): void {
    this.#mix?.close();
  }
}
