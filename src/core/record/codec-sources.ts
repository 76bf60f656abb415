import { planesOf } from './audio-lane.js';
import type { AudioInput, PcmMessage, VideoInput } from './protocol.js';
import { Relay, type RelayHandlers } from './relay.js';

type OffPage = Exclude<VideoInput, { via: 'messages' }>;

/** The sources of a take, read in its worker. */
export class CodecSources {
  #video: Relay<VideoFrame> | null = null;
  #audio: Relay<AudioData> | null = null;
  #port: MessagePort | null = null;

  readVideo(input: OffPage, handlers: RelayHandlers<VideoFrame>): void {
    this.#video = new Relay(readableOf(input), handlers);
  }

  /** @param onSound takes what was read; `onFailure` is told where it throws */
  readAudio(
    input: AudioInput,
    onSound: (sound: PcmMessage) => void,
    handlers: Omit<RelayHandlers<AudioData>, 'each'>,
  ): void {
    if (input.via === 'readable') {
      const each = (audio: AudioData) => {
        const { sampleRate } = audio;
        onSound({ planes: planesOf(audio), sampleRate });
      };
      this.#audio = new Relay(input.readable, { ...handlers, each });
    } else {
      this.#port = input.port;
      input.port.onmessage = ({ data }: MessageEvent<PcmMessage>) => {
        try {
          onSound(data);
        } catch (thrown) {
          handlers.onFailure(thrown);
        }
        input.port.postMessage(data.planes.reduce((bytes, plane) => bytes + plane.byteLength, 0));
      };
    }
  }

  /** Another source, read from the first that it delivers. @param at once, where nothing is wanted of the one before */
  followVideo(input: OffPage, atOnce: boolean): void {
    this.#video?.follow(readableOf(input), atOnce);
  }

  followAudio(readable: ReadableStream<AudioData>, atOnce: boolean): void {
    this.#audio?.follow(readable, atOnce);
  }

  /** Resolves when no more is read, and all that was has been taken. */
  async end(): Promise<void> {
    this.#port?.close();
    await Promise.all([this.#video?.stop(), this.#audio?.stop()]);
    await Promise.all([this.#video?.done, this.#audio?.done]);
  }
}

/** Safari makes the processor in the worker, of a track that was transferred; it keeps the camera on until it is stopped. */
function readableOf(input: OffPage): ReadableStream<VideoFrame> {
  if (input.via === 'readable') return input.readable;
  const { track } = input;
  const reader = new MediaStreamTrackProcessor({ track: track as MediaStreamVideoTrack }).readable.getReader();
  return new ReadableStream<VideoFrame>(
    {
      async pull(feed) {
        const { done, value } = await reader.read();
        if (done) feed.close();
        else feed.enqueue(value);
      },
      cancel() {
        track.stop();
        return reader.cancel();
      },
    },
    { highWaterMark: 0 },
  );
}
