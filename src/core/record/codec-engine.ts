import { PictureFitter, takeOut, type PictureSize } from '../encode/index.js';
import type { OnAirErrorCode } from '../errors.js';
import { fault } from '../faults.js';
import type { ConditionName, TakeQuality } from './adapt.js';
import { planesOf, type AudioLane } from './audio-lane.js';
import { chooseAudio, chooseVideo } from './choose-codecs.js';
import { audioLane, takeQuality, videoLane } from './codec-lanes.js';
import type { Engine, EngineHost, EngineStart } from './engine.js';
import { Mux } from './mux.js';
import type { AudioInput, PcmMessage, TakeRequest, VideoInput } from './protocol.js';
import { Relay } from './relay.js';
import { sequelOf, type Begun } from './sequel.js';
import { SampleWatch, TELL } from './silence-watch.js';
import type { TakeWriter } from './take-writer.js';
import type { VideoLane } from './video-lane.js';

/** Seconds that the first frame may take: cold cameras have taken twelve. */
const FIRST_FRAME = 12;
/** Seconds without it after which the page is asked to let it be read anew. */
const UNSEEN = 1.5;
/** Seconds that the first sound may take before its rate and channels are assumed. */
const FIRST_SOUND = 0.5;
/** Seconds of pictures after which their lag is known well enough to lay the sound beside them. */
const ALIGN = 0.5;
/** Seconds without an arrival after which a source counts as standing still, and is stood in for. */
const STILL = 0.5;
/** Seconds between two looks at sources that stand still. */
const WATCH = 0.25;
/** Frames, or buffers of sound, that may fail in a row: a second of a camera's. Then the take ends, with what there is. */
const MOST_FAILURES = 30;

interface Sound {
  planes: Float32Array[];
  sampleRate: number;
  arrival: number;
}

/**
 * The engine that keeps frames off the page: camera -> this worker -> encoder -> container -> disk.
 *
 * Time is the media's own. The worker's clock is only used to lay two media clocks beside each other and to notice
 * that nothing arrives; nothing in the file is stamped with it, unless a source stands still and is stood in for.
 */
export class CodecEngine implements Engine {
  #video: VideoLane | null = null;
  #audio: AudioLane | null = null;
  #mux: Mux | null = null;
  #videoPump: Relay<VideoFrame> | null = null;
  #audioPump: Relay<AudioData> | null = null;
  /** Whether what is read now, or next, is a camera. */
  #camera = false;
  #quality: TakeQuality | null = null;
  #port: MessagePort | null = null;
  #early: Sound[] = [];
  #onFirstSound = () => {};
  /** The frame that told the size: the first of the take if no other comes. */
  #first: { frame: VideoFrame; arrival: number } | null = null;
  #onFirstFrame: ((frame: VideoFrame | null) => void) | null = null;
  #frameBusy = false;
  #zero: number | null = null;
  #videoSince: number | null = null;
  #lastFill = 0;
  #samples = new SampleWatch();
  #failures = { frames: 0, sounds: 0 };
  #missing = new Set<OnAirErrorCode>();
  #watch: ReturnType<typeof setInterval> | undefined;
  #startedAt = 0;
  #begun: Begun | null = null;
  /** When the last pause ended. */
  #resumedAt: number | null = null;
  #paused = false;
  /** Whether no more is taken. */
  #ended = false;

  constructor(
    private readonly request: TakeRequest,
    private readonly writer: TakeWriter,
    private readonly host: EngineHost,
  ) {}

  get duration(): number {
    return Math.max(this.#video?.end ?? 0, this.#audio?.end ?? 0);
  }

  get pending(): number {
    return this.#mux?.waiting ?? 0;
  }

  get counts(): Engine['counts'] {
    const timeline = this.#audio?.timeline;
    return {
      frames: this.#video?.frames ?? 0,
      framesDropped: this.#video?.dropped ?? 0,
      silence: timeline ? timeline.silence / timeline.sampleRate : 0,
    };
  }

  /** MIME type of what MediaRecorder may write behind it; null where the two could not be joined to one recording. */
  get sequel(): string | null {
    return this.#begun && sequelOf(this.request.sequels, this.#begun);
  }

  /** Whether nothing has come out of its encoders: what is in the file is worth nothing. */
  get empty(): boolean {
    return this.#begun !== null && !this.#begun.has('video') && !this.#begun.has('audio');
  }

  async start(): Promise<EngineStart> {
    const { request } = this;
    if (typeof VideoEncoder === 'undefined' || typeof AudioEncoder === 'undefined') throw fault('no-encoder');
    if (request.audio) this.#listen(request.audio);
    const size = request.video ? await this.#look(request.video) : null;
    const sound = request.audio ? await this.#firstSound() : null;
    if (!size && !this.#early.length) throw fault('no-media');
    if (request.video && !size) this.host.notice('no-media');

    const { format, video } = await chooseVideo(request, size);
    const audio = sound ? await chooseAudio(format, sound, request, this.host.metrics) : null;
    const codecs = { video: video?.codec ?? null, audio: audio?.codec ?? null };
    const mux = (this.#mux = new Mux(
      format,
      codecs,
      (bytes, at) => this.writer.write(bytes, at),
      (thrown) => this.host.fail(thrown),
    ));
    await mux.start();
    this.#begun = { format, ...codecs, has: (track) => mux.has(track) };
    const needs = { request, host: this.host, mux, writer: this.writer };
    if (audio) this.#audio = audioLane(audio, needs, video !== null);
    this.#startedAt = now();
    for (const { planes, sampleRate, arrival } of this.#early) this.#audio?.take(planes, sampleRate, arrival, 0);
    this.#early = [];
    if (video && size) {
      this.#video = videoLane(video, size, format, needs);
      if (request.adaptive) this.#quality = takeQuality(this.#video, video, format, needs);
    }
    this.#watch = setInterval(() => this.#keepWatch(), WATCH * 1000);
    const names = [video?.codecString, audio?.config.codec].filter((name) => name !== undefined);
    return {
      format,
      mimeType: `${video ? 'video' : 'audio'}/${format};codecs="${names.join(',')}"`,
      compromises: audio?.compromises ?? [],
    };
  }

  /**
   * A frame that the page read (Firefox). One is encoded while one waits; the rest are given up, and counted.
   * @param givenUp frames before it that the page did not send
   */
  frame(frame: VideoFrame, givenUp = 0): void {
    // The page reads on until it hears that the take is over: what it sends meanwhile would count and never be written.
    if (this.#ended) {
      frame.close();
      return;
    }
    this.#video?.giveUp(givenUp);
    if (this.#video && this.#frameBusy) {
      void this.#video.take(frame, now(), true);
      return;
    }
    this.#frameBusy = true;
    void this.#onFrame(frame)
      .catch((thrown: unknown) => {
        frame.close();
        this.#loseFrame(thrown);
      })
      .finally(() => (this.#frameBusy = false));
  }

  pause(): void {
    if (this.#paused) return;
    this.#placeHeld();
    this.#paused = true;
    this.#zero = null;
    this.#videoSince = null;
    this.#video?.pause();
    this.#audio?.timeline.pause();
    this.#quality?.interrupt();
  }

  /** Takes what the page tells of the machine. */
  condition(name: ConditionName, pressure: number | null): void {
    this.#quality?.condition(name, pressure);
  }

  resume(): void {
    this.#paused = false;
    this.#resumedAt = now();
    this.#video?.resume();
    this.#audio?.timeline.resume();
  }

  async stop(): Promise<boolean> {
    await this.#endInputs();
    if (this.#video?.end === 0) await this.#takeFirst().catch((thrown: unknown) => this.#loseFrame(thrown));
    this.#placeHeld();
    const timeline = this.#audio?.timeline;
    if (this.#video && timeline && !this.#paused) {
      const end = Math.round(this.#video.end * timeline.sampleRate);
      if (end - timeline.written > timeline.sampleRate / 10) timeline.fillTo(end);
    }
    await Promise.all([this.#video?.finish(), this.#audio?.finish()]);
    if (this.duration === 0 || this.empty) throw fault('no-media');
    return this.#mux!.finish();
  }

  async abort(): Promise<void> {
    await this.#endInputs();
    // It is not read yet where the start has failed before.
    if (this.request.video?.via === 'track') this.request.video.track.stop();
    this.#forgetFirst();
    this.#video?.close();
    this.#audio?.close();
  }

  /** Other inputs are read from the first that they deliver: until then the ones before go on. */
  replace({ video, audio }: Partial<Pick<TakeRequest, 'video' | 'audio'>>): void {
    if (this.#ended) return;
    if (video) {
      this.#camera = video.camera;
      // What the page reads comes in order.
      if (video.via === 'messages') this.#changeCamera();
      else this.#videoPump?.follow(readableOf(video), this.#paused);
    }
    if (audio?.via === 'readable') this.#audioPump?.follow(audio.readable, this.#paused);
  }

  #changeCamera(): void {
    this.#video?.changeSource(this.#zero ?? this.#video.anchor(), this.#camera);
    this.host.replaced('video');
  }

  async #endInputs(): Promise<void> {
    this.#ended = true;
    clearInterval(this.#watch);
    this.#port?.close();
    await Promise.all([this.#videoPump?.stop(), this.#audioPump?.stop()]);
    await Promise.all([this.#videoPump?.done, this.#audioPump?.done]);
  }

  #listen(input: AudioInput): void {
    if (input.via === 'readable') {
      this.#audioPump = new Relay(input.readable, {
        each: (audio) => {
          const { sampleRate } = audio;
          this.#onSound({ planes: planesOf(audio), sampleRate, arrival: now() });
        },
        onFailure: (thrown) => this.#loseSound(thrown),
        onEnd: () => {
          if (!this.request.video) this.host.ended();
        },
        onTurn: () => {
          this.#audio?.timeline.interrupt();
          this.#samples = new SampleWatch();
          this.host.replaced('audio');
        },
      });
    } else {
      this.#port = input.port;
      input.port.onmessage = ({ data }: MessageEvent<PcmMessage>) => {
        try {
          this.#onSound({ ...data, arrival: now() });
        } catch (thrown) {
          this.#loseSound(thrown);
        }
        input.port.postMessage(data.planes.reduce((bytes, plane) => bytes + plane.byteLength, 0));
      };
    }
  }

  /** The picture size of the take; null when no frame comes. */
  async #look(input: VideoInput): Promise<PictureSize | null> {
    const first = new Promise<VideoFrame | null>((resolve) => (this.#onFirstFrame = resolve));
    const timer = setTimeout(() => this.#onFirstFrame?.(null), FIRST_FRAME * 1000);
    if (input.via !== 'messages') {
      this.#videoPump = new Relay(readableOf(input), {
        each: (frame) => this.#onFrame(frame),
        onFailure: (thrown) => this.#loseFrame(thrown),
        onEnd: () => {
          this.#onFirstFrame?.(null);
          this.host.ended();
        },
        onTurn: () => this.#changeCamera(),
      });
    }
    const asking = setInterval(() => this.host.unseen(), UNSEEN * 1000);
    const frame = await first;
    clearTimeout(timer);
    clearInterval(asking);
    if (!frame) return null;
    this.#first = { frame, arrival: now() };
    const size = { ...PictureFitter.sizeOf(frame), frameRate: input.frameRate || 30 };
    // It waits for another one, and a camera that lacks its buffer may give none.
    const own = await takeOut(frame);
    if (this.#first) this.#first.frame = own;
    else own.close();
    return size;
  }

  async #firstSound(): Promise<{ sampleRate: number; channels: number }> {
    if (!this.#early.length) {
      await new Promise<void>((resolve) => {
        this.#onFirstSound = resolve;
        setTimeout(resolve, FIRST_SOUND * 1000);
      });
    }
    const [first] = this.#early;
    return first
      ? { sampleRate: first.sampleRate, channels: first.planes.length }
      : { sampleRate: 48_000, channels: 1 };
  }

  async #onFrame(frame: VideoFrame): Promise<void> {
    if (!this.#video) {
      const first = this.#onFirstFrame;
      this.#onFirstFrame = null;
      if (first) first(frame);
      else frame.close();
      return;
    }
    const arrival = now();
    if (!this.#paused) this.#videoSince ??= arrival;
    this.#forgetFirst();
    await this.#video.take(frame, arrival);
    this.#failures.frames = 0;
    this.#here('no-media');
    if (this.#zero !== null || this.#videoSince === null) return;
    if (arrival - this.#videoSince >= ALIGN || !this.request.audio) this.#anchor();
  }

  /** A picture that stands still from the beginning gives no other frame than the one that told the size. */
  async #takeFirst(): Promise<void> {
    const first = this.#first;
    this.#first = null;
    if (!first || !this.#video) return;
    await this.#video.take(first.frame, first.arrival);
    this.#anchor();
  }

  #forgetFirst(): void {
    this.#first?.frame.close();
    this.#first = null;
  }

  /** One frame that cannot be taken is a frame less; if none can be, the take ends while it is whole. */
  #loseFrame(thrown: unknown): void {
    this.#video?.lose();
    if (++this.#failures.frames === MOST_FAILURES) this.#failEncoding(thrown);
  }

  #loseSound(thrown: unknown): void {
    if (++this.#failures.sounds === MOST_FAILURES) this.#failEncoding(thrown);
  }

  #failEncoding(cause: unknown): void {
    this.host.fail(fault('encoder-failed', {}, { cause }));
  }

  #onSound(sound: Sound): void {
    if (!this.#audio) {
      this.#early.push(sound);
      this.#onFirstSound();
      return;
    }
    this.#audio.take(sound.planes, sound.sampleRate, sound.arrival, this.#video?.drift ?? 0);
    this.#failures.sounds = 0;
    const heard = this.#paused ? null : this.#samples.look(sound.planes, sound.sampleRate);
    if (heard) this.#here('microphone-silent');
    else if (heard === false) this.#gone('microphone-silent');
    if (this.#zero === null && !this.#video && !this.#paused) this.#anchor();
  }

  #anchor(): void {
    const timeline = this.#audio?.timeline;
    if (this.#video) {
      this.#zero = this.#video.anchor();
      if (this.#zero !== null) timeline?.anchor(this.#zero);
    } else if (timeline) {
      timeline.anchorHere();
      this.#zero = timeline.zero;
    }
  }

  /** Sound that waits to be laid beside the pictures gets its place now, by what has come so far. */
  #placeHeld(): void {
    if (this.#paused) return;
    if (this.#zero === null) this.#anchor();
    this.#goOn();
    const timeline = this.#audio?.timeline;
    if (timeline?.holding) timeline.align();
  }

  #keepWatch(): void {
    if (this.#paused) return;
    try {
      this.#lookForStill();
      this.#video?.look(now());
      this.#audio?.look(now());
      this.#quality?.look(now());
    } catch (thrown) {
      this.#failEncoding(thrown);
    }
  }

  /**
   * A container writes nothing while one of its tracks is behind. So what stands still is stood in for: silence for
   * sound, the last picture for pictures. Two looks in a row must see the same, because after the worker itself was
   * held up one source is read before the other.
   */
  #lookForStill(): void {
    const time = now();
    if (this.#first && time - this.#startedAt > STILL) {
      void this.#takeFirst().catch((thrown: unknown) => this.#loseFrame(thrown));
    }
    // It moved for less than it takes to know its lag, and no other frame comes to look again.
    if (this.#zero === null && this.#videoSince !== null && time - this.#videoSince > ALIGN + STILL) this.#anchor();
    if (this.#resumedAt !== null && time - this.#resumedAt > STILL) this.#goOn();
    if (this.#zero === null) return;
    const mediaNow = time - this.#zero - STILL / 2;
    const still = (lastArrival: number) => time - Math.max(lastArrival, this.#startedAt) > STILL;
    const silent = this.#audio !== null && still(this.#audio.timeline.lastArrival);
    const frozen = this.#video !== null && still(this.#video.lastArrival);
    const looked = this.#lastFill;
    this.#lastFill = silent || frozen ? time : 0;
    if (!looked) return;
    if (silent) {
      const { timeline } = this.#audio!;
      timeline.fillTo(Math.round(mediaNow * timeline.sampleRate));
      if (time - Math.max(timeline.lastArrival, this.#startedAt) > TELL) this.#gone('microphone-silent');
    }
    if (frozen) this.#repeat(mediaNow);
    this.host.media();
  }

  /** A picture that stands still after a pause gives no frame to lay the sound beside: the pause's end stands in for it. */
  #goOn(): void {
    if (!this.#video || this.#zero !== null || this.#resumedAt === null || this.#videoSince !== null) return;
    this.#zero = this.#video.goOn(this.#resumedAt);
    this.#audio?.timeline.anchor(this.#zero);
  }

  #repeat(mediaNow: number): void {
    try {
      this.#video!.repeat(mediaNow);
    } catch {
      // It is tried again at the next look.
    }
  }

  #gone(code: OnAirErrorCode): void {
    if (this.#missing.has(code)) return;
    this.#missing.add(code);
    this.host.notice(code);
  }

  #here(code: OnAirErrorCode): void {
    if (this.#missing.delete(code)) this.host.noticeOver(code);
  }
}

const now = () => performance.now() / 1000;

/** Safari makes the processor in the worker, of a track that was transferred; it keeps the camera on until it is stopped. */
function readableOf(input: Exclude<VideoInput, { via: 'messages' }>): ReadableStream<VideoFrame> {
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
