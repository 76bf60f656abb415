import type { PictureSize } from '../encode/index.js';
import type { OnAirErrorCode } from '../errors.js';
import { fault } from '../faults.js';
import type { ConditionName, TakeQuality } from './adapt.js';
import { Alignment } from './alignment.js';
import type { AudioLane } from './audio-lane.js';
import { chooseAudio, chooseVideo } from './choose-codecs.js';
import { audioLane, takeQuality, videoLane } from './codec-lanes.js';
import { CodecSources } from './codec-sources.js';
import type { Engine, EngineHost, EngineStart } from './engine.js';
import { FirstPicture, FirstSound, type Sound } from './first-media.js';
import { Mux } from './mux.js';
import type { AudioInput, TakeRequest, VideoInput } from './protocol.js';
import { sequelOf, type Begun } from './sequel.js';
import { SampleWatch } from './silence-watch.js';
import type { TakeWriter } from './take-writer.js';
import type { VideoLane } from './video-lane.js';

/** Seconds between two looks at sources that stand still. */
const WATCH = 0.25;
/** Seconds in which nothing has come, not even the time for a look: the machine slept. */
const ASLEEP = 10;
/** Frames, or buffers of sound, that may fail in a row: a second of a camera's. Then the take ends, with what there is. */
const MOST_FAILURES = 30;

/** The engine that keeps frames off the page: camera -> this worker -> encoder -> container -> disk. */
export class CodecEngine implements Engine {
  #video: VideoLane | null = null;
  #audio: AudioLane | null = null;
  #mux: Mux | null = null;
  readonly #sources = new CodecSources();
  readonly #firstPicture = new FirstPicture();
  readonly #firstSound = new FirstSound();
  #alignment: Alignment | null = null;
  /** Whether what is read now, or next, is a camera. */
  #camera = false;
  #quality: TakeQuality | null = null;
  #frameBusy = false;
  #samples = new SampleWatch();
  #failures = { frames: 0, sounds: 0 };
  #missing = new Set<OnAirErrorCode>();
  #watch: ReturnType<typeof setInterval> | undefined;
  #begun: Begun | null = null;
  #paused = false;
  /** When something came last, or it was time for a look. */
  #awake = 0;
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

  get index(): Engine['index'] {
    return this.#mux?.index ?? null;
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
    const sound = request.audio ? await this.#firstSound.shape(!request.video) : null;
    if (!size && !this.#firstSound.came) throw fault('no-media');
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
    for (const { planes, sampleRate, arrival } of this.#firstSound.take())
      this.#audio?.take(planes, sampleRate, arrival, 0);
    if (video && size) {
      this.#video = videoLane(video, size, format, needs);
      if (request.adaptive) this.#quality = takeQuality(this.#video, video, format, needs);
    }
    this.#alignment = new Alignment(this.#video, this.#audio);
    this.#awake = now();
    this.#watch = setInterval(() => this.#keepWatch(), WATCH * 1000);
    const names = [video?.codecString, audio?.config.codec].filter((name) => name !== undefined);
    return {
      format,
      mimeType: `${video ? 'video' : 'audio'}/${format};codecs="${names.join(',')}"`,
      head: mux.head,
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
    this.#paused = true;
    this.#alignment?.pause();
    this.#quality?.interrupt();
  }

  /** Takes what the page tells of the machine. */
  condition(name: ConditionName, pressure: number | null): void {
    this.#quality?.condition(name, pressure);
  }

  resume(): void {
    this.#paused = false;
    this.#alignment?.resume();
    // A picture that came in the pause is newer than the one that told the size.
    if (this.#video?.turned) this.#firstPicture.forget();
    else this.#firstPicture.renew();
  }

  /** What came while the producer was paused was black, unless the track is the worker's own (Safari). */
  sighted(): void {
    if (this.request.video?.via !== 'track') this.#video?.forgetMeanwhile();
  }

  async stop(): Promise<boolean> {
    await this.#endInputs();
    if (this.#video?.end === 0) await this.#takeFirst().catch((thrown: unknown) => this.#loseFrame(thrown));
    this.#alignment?.finish();
    await Promise.all([this.#video?.finish(), this.#audio?.finish()]);
    if (this.duration === 0 || this.empty) throw fault('no-media');
    return this.#mux!.finish();
  }

  async abort(): Promise<void> {
    await this.#endInputs();
    // It is not read yet where the start has failed before.
    if (this.request.video?.via === 'track') this.request.video.track.stop();
    this.#firstPicture.forget();
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
      else this.#sources.followVideo(video, this.#paused);
    }
    if (audio?.via === 'readable') this.#sources.followAudio(audio.readable, this.#paused);
  }

  /** What the machine slept through is left out as a pause is: hours of silence would be made at once to fill it. */
  #wake(time: number): void {
    const slept = time - this.#awake > ASLEEP;
    this.#awake = time;
    if (!slept || this.#paused) return;
    this.pause();
    this.resume();
  }

  #changeCamera(): void {
    this.#video?.changeSource(this.#alignment?.turn() ?? this.#video.timeline.anchor(), this.#camera);
    this.host.replaced('video');
  }

  async #endInputs(): Promise<void> {
    this.#ended = true;
    clearInterval(this.#watch);
    await this.#sources.end();
  }

  #listen(input: AudioInput): void {
    this.#sources.readAudio(input, (sound) => this.#onSound({ ...sound, arrival: now() }), {
      onFailure: (thrown) => this.#loseSound(thrown),
      onEnd: () => {
        if (!this.request.video) this.host.ended();
      },
      onTurn: () => {
        this.#alignment?.turn();
        this.#audio?.timeline.interrupt();
        this.#samples = new SampleWatch();
        this.host.replaced('audio');
      },
    });
  }

  #look(input: VideoInput): Promise<PictureSize | null> {
    if (input.via !== 'messages') {
      this.#sources.readVideo(input, {
        each: (frame) => this.#onFrame(frame),
        onFailure: (thrown) => this.#loseFrame(thrown),
        onEnd: () => {
          this.#firstPicture.give(null);
          this.host.ended();
        },
        onTurn: () => this.#changeCamera(),
      });
    }
    return this.#firstPicture.size(input.frameRate, () => this.host.unseen());
  }

  async #onFrame(frame: VideoFrame): Promise<void> {
    const video = this.#video;
    if (!video) return this.#firstPicture.give(frame);
    const arrival = now();
    this.#wake(arrival);
    this.#alignment?.arrive(arrival);
    if (!this.#paused || video.camera) this.#firstPicture.forget();
    await video.take(frame, arrival);
    this.#failures.frames = 0;
    this.#here('no-media');
    this.#alignment?.see(arrival);
  }

  /** A picture that stands still from the beginning gives no other frame than the one that told the size. */
  async #takeFirst(): Promise<void> {
    const first = this.#firstPicture.take();
    if (!first || !this.#video) return;
    await this.#video.take(first.frame, first.arrival);
    this.#alignment?.anchor();
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
    if (!this.#audio) return this.#firstSound.give(sound);
    this.#wake(sound.arrival);
    this.#audio.take(sound.planes, sound.sampleRate, sound.arrival, this.#video?.timeline.drift ?? 0);
    this.#failures.sounds = 0;
    const heard = this.#paused ? null : this.#samples.look(sound.planes, sound.sampleRate);
    if (heard) this.#here('microphone-silent');
    else if (heard === false) this.#gone('microphone-silent');
    this.#alignment?.hear();
  }

  #keepWatch(): void {
    this.#wake(now());
    if (this.#paused) return;
    try {
      this.#lookForStill(now());
      this.#video?.look(now());
      this.#audio?.look(now());
      this.#quality?.look(now());
    } catch (thrown) {
      this.#failEncoding(thrown);
    }
  }

  #lookForStill(time: number): void {
    const alignment = this.#alignment!;
    if (alignment.still(-Infinity, time)) void this.#takeFirst().catch((thrown: unknown) => this.#loseFrame(thrown));
    if (alignment.look(time, () => this.#gone('microphone-silent'))) this.host.media();
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
