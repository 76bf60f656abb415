import { after, before } from 'node:test';

/** Stands for WebCodecs in Node: what goes in can be looked at, and what comes out is told by the test. */
export const RATE = 48_000;

interface FrameInit {
  timestamp: number;
  format?: string;
}

export class FakeFrame {
  /** Frames that were made and not closed. */
  static open = new Set<FakeFrame>();

  readonly timestamp: number;
  /** Seconds on the source's clock; null for a picture that was made of bytes. */
  readonly made: number | null;
  /** The same of the picture that it shows, whatever it was made of. */
  readonly shows: number;
  readonly format = 'I420';
  readonly displayWidth = 64;
  readonly displayHeight = 48;
  readonly visibleRect = { x: 0, y: 0, width: 64, height: 48 };
  readonly colorSpace = { toJSON: () => ({}) };
  /** What `copyTo` throws, and so does whoever makes another frame of this one. */
  broken: Error | null = null;

  constructor(source: FakeFrame | Uint8Array | null, { timestamp }: FrameInit) {
    if (source instanceof FakeFrame && source.broken) throw source.broken;
    this.timestamp = timestamp;
    this.made = source === null ? timestamp / 1e6 : source instanceof FakeFrame ? source.made : null;
    this.shows =
      source === null
        ? timestamp / 1e6
        : source instanceof FakeFrame
          ? source.shows
          : new Float64Array(source.buffer)[0]!;
    FakeFrame.open.add(this);
  }

  allocationSize(): number {
    return 8;
  }

  async copyTo(into: Uint8Array): Promise<unknown[]> {
    if (this.broken) throw this.broken;
    new Float64Array(into.buffer)[0] = this.shows;
    return [];
  }

  clone(): FakeFrame {
    return new FakeFrame(this, this);
  }

  close(): void {
    FakeFrame.open.delete(this);
  }
}

interface FakeChunk {
  type: 'key' | 'delta';
  timestamp: number;
  duration: number;
  byteLength: number;
  copyTo(into: Uint8Array): void;
}

interface Callbacks {
  output(chunk: FakeChunk, meta?: unknown): void;
  error(error: Error): void;
}

/** What both encoders have in common. What is encoded comes out in a microtask, unless the encoder is stalled. */
export class FakeEncoder {
  /** Whether flushes never settle, as with drivers that have. */
  static hung = false;
  state = 'unconfigured';
  encodeQueueSize = 0;
  /** As it was configured, each time. */
  readonly configs: Record<string, unknown>[] = [];

  constructor(protected readonly callbacks: Callbacks) {}

  configure(config: Record<string, unknown>): void {
    this.configs.push(config);
    this.state = 'configured';
  }

  /** Gives it up, as the platform does. */
  fail(error = new Error('reclaimed')): void {
    this.state = 'closed';
    this.callbacks.error(error);
  }

  /** Settles when all has come out: never where the encoder hangs. */
  flush(): Promise<void> {
    return FakeEncoder.hung ? new Promise(() => {}) : Promise.resolve();
  }

  close(): void {
    this.state = 'closed';
  }

  protected get config(): Record<string, unknown> {
    return this.configs[this.configs.length - 1] ?? {};
  }

  protected give(chunk: Omit<FakeChunk, 'copyTo'>, meta: unknown): void {
    queueMicrotask(() => this.out(chunk, meta));
  }

  protected out(chunk: Omit<FakeChunk, 'copyTo'>, meta: unknown): void {
    if (this.state === 'configured') this.callbacks.output({ ...chunk, copyTo: () => {} }, meta);
  }
}

export interface Encoded {
  /** Microseconds in the take. */
  timestamp: number;
  made: number | null;
  shows: number;
  key: boolean;
}

export class FakeVideoEncoder extends FakeEncoder {
  static all: FakeVideoEncoder[] = [];
  static encoded: Encoded[] = [];
  /** Whether new ones fail with the first frame that they get. */
  static dead = false;
  static stalled = false;
  /** Frames a second that it makes, one after the other, while the test calls `work()`. */
  static speed = Infinity;
  #waiting: (() => void)[] = [];
  #worked = 0;

  constructor(callbacks: Callbacks) {
    super(callbacks);
    FakeVideoEncoder.all.push(this);
  }

  /** Gives out what it has had the time for. @param now seconds */
  work(now: number): void {
    const each = 1 / FakeVideoEncoder.speed;
    while (this.#waiting.length > 0 && this.#worked + each <= now) {
      this.#worked += each;
      this.#waiting.shift()!();
    }
    if (this.#waiting.length === 0) this.#worked = now;
    this.encodeQueueSize = Math.max(0, this.#waiting.length - 1);
  }

  encode({ timestamp, made, shows }: FakeFrame, { keyFrame }: { keyFrame: boolean }): void {
    if (FakeVideoEncoder.dead) {
      queueMicrotask(() => this.fail());
      return;
    }
    FakeVideoEncoder.encoded.push({ timestamp, made, shows, key: keyFrame });
    if (FakeVideoEncoder.stalled) return;
    const decoderConfig = {
      codec: this.config['codec'],
      codedWidth: 64,
      codedHeight: 48,
      colorSpace: { matrix: 'bt709' },
    };
    const chunk = { type: keyFrame ? 'key' : 'delta', timestamp, duration: 0, byteLength: 1000 } as const;
    if (FakeVideoEncoder.speed === Infinity) return this.give(chunk, { decoderConfig });
    if (this.#waiting.length === 0) this.#worked = performance.now() / 1000;
    this.#waiting.push(() => this.out(chunk, { decoderConfig }));
    this.encodeQueueSize = this.#waiting.length - 1;
  }
}

export class FakeAudioData {
  readonly timestamp: number;
  readonly numberOfFrames: number;
  readonly data: Float32Array;

  constructor(init: { timestamp: number; numberOfFrames: number; data: Float32Array }) {
    this.timestamp = init.timestamp;
    this.numberOfFrames = init.numberOfFrames;
    this.data = init.data;
  }

  close(): void {}
}

export class FakeAudioEncoder extends FakeEncoder {
  static all: FakeAudioEncoder[] = [];
  /** All samples that were encoded, in the order of the take; where one was never encoded, there is a hole. */
  static samples: number[] = [];
  /** Whether it takes what it gets, and nothing comes out. */
  stalled = false;

  static async isConfigSupported(): Promise<{ supported: boolean }> {
    return { supported: true };
  }

  constructor(callbacks: Callbacks) {
    super(callbacks);
    FakeAudioEncoder.all.push(this);
  }

  encode({ timestamp, data, numberOfFrames }: FakeAudioData): void {
    const start = Math.round((timestamp * RATE) / 1e6);
    data.forEach((sample, index) => (FakeAudioEncoder.samples[start + index] = sample));
    if (this.stalled) return;
    const { codec, numberOfChannels, sampleRate } = this.config;
    const duration = (numberOfFrames * 1e6) / RATE;
    this.give(
      { type: 'key', timestamp, duration, byteLength: 100 },
      { decoderConfig: { codec, numberOfChannels, sampleRate } },
    );
  }
}

const fakes = {
  VideoFrame: FakeFrame,
  VideoEncoder: FakeVideoEncoder,
  AudioData: FakeAudioData,
  AudioEncoder: FakeAudioEncoder,
};

/** Puts the fakes in the place of the platform's for all tests of a file. */
export function useCodecFakes(): void {
  before(() => Object.assign(globalThis, fakes));
  after(() => {
    for (const name of Object.keys(fakes)) delete (globalThis as Record<string, unknown>)[name];
  });
}

export function forgetEncoded(): void {
  FakeFrame.open.clear();
  FakeVideoEncoder.all = [];
  FakeVideoEncoder.encoded = [];
  FakeVideoEncoder.speed = Infinity;
  FakeVideoEncoder.dead = FakeVideoEncoder.stalled = FakeEncoder.hung = false;
  FakeAudioEncoder.all = [];
  FakeAudioEncoder.samples = [];
}

/** A frame of a source, made at `seconds` of its clock. */
export const frameAt = (seconds: number): FakeFrame => new FakeFrame(null, { timestamp: Math.round(seconds * 1e6) });

export const asFrame = (frame: FakeFrame): VideoFrame => frame as unknown as VideoFrame;

/** Lets everything happen that has been set going. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}
