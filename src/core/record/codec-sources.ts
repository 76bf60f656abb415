import { planesOf } from './audio-lane.js';
import type { AudioInput, PcmMessage, VideoInput } from './protocol.js';
import { Relay } from './relay.js';

/** One block of samples, as it came. */
export interface Sound {
  planes: Float32Array[];
  sampleRate: number;
  /** Seconds on the worker's clock. */
  arrival: number;
}

type Kind = 'video' | 'audio';
type OffPage = Exclude<VideoInput, { via: 'messages' }>;

/** What is told of sources that are read here; frames that the page reads come by another way. */
export interface SourcesTold {
  onFrame(frame: VideoFrame): Promise<void>;
  onSound(sound: Sound): void;
  /** A frame, or a block of samples, could not be taken. */
  onFailure(kind: Kind, thrown: unknown): void;
  /** The source has ended by itself. */
  onEnd(kind: Kind): void;
  /** What comes from here on is of another source. */
  onTurn(kind: Kind): void;
}

/** The sources of a take, read in its worker. */
export class CodecSources {
  #video: Relay<VideoFrame> | null = null;
  #audio: Relay<AudioData> | null = null;
  #port: MessagePort | null = null;

  constructor(private readonly told: SourcesTold) {}

  readVideo(input: OffPage): void {
    this.#video = new Relay(readableOf(input), {
      each: (frame) => this.told.onFrame(frame),
      ...this.#handlers('video'),
    });
  }

  readAudio(input: AudioInput): void {
    if (input.via === 'port') return this.#listen(input.port);
    const each = (audio: AudioData) => {
      const { sampleRate } = audio;
      this.told.onSound({ planes: planesOf(audio), sampleRate, arrival: now() });
    };
    this.#audio = new Relay(input.readable, { each, ...this.#handlers('audio') });
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

  #handlers(kind: Kind) {
    return {
      onFailure: (thrown: unknown) => this.told.onFailure(kind, thrown),
      onEnd: () => this.told.onEnd(kind),
      onTurn: () => this.told.onTurn(kind),
    };
  }

  #listen(port: MessagePort): void {
    this.#port = port;
    port.onmessage = ({ data }: MessageEvent<PcmMessage>) => {
      try {
        this.told.onSound({ ...data, arrival: now() });
      } catch (thrown) {
        this.told.onFailure('audio', thrown);
      }
      port.postMessage(data.planes.reduce((bytes, plane) => bytes + plane.byteLength, 0));
    };
  }
}

const now = () => performance.now() / 1000;

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
