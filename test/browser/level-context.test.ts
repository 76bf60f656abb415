import { aTimeout, expect } from '@open-wc/testing';
import { LevelMeter } from '../../dist/core/audio/index.js';
import { hangAudio } from './hang-audio.js';
import { context, levels, loud, meter, sounding, tidy, until } from './level-meter-support.js';

interface Collector {
  gc?: (options: { type: 'major'; execution: 'async' }) => Promise<void>;
  TestUtils?: { gc(): Promise<void> };
}

/** Collects until it holds, for 25 s at most. */
async function collected(holds: () => boolean): Promise<void> {
  const { gc, TestUtils } = globalThis as Collector;
  const deadline = performance.now() + 25_000;
  while (!holds() && performance.now() < deadline) {
    await (gc ? gc({ type: 'major', execution: 'async' }) : TestUtils!.gc());
    await aTimeout(200);
  }
}

afterEach(tidy);

describe('The AudioContext of a LevelMeter', () => {
  it('shares one context with the meters of the same owner, and closes it with the last', async () => {
    const owner = {};
    const made: AudioContext[] = [];
    const createContext = () => {
      made.push(context());
      return made[0]!;
    };
    const { stream } = sounding();
    const [one, two] = [meter({ owner, createContext }), meter({ owner, createContext, loudness: true })];
    await Promise.all([one.use(stream), two.use(stream)]);
    await levels(one, 'one', loud);
    await levels(two, 'two', loud);
    expect(made.length).to.equal(1);
    one.close();
    expect(one.state).to.equal('idle');
    const before = two.levels!.time;
    await levels(two, 'more of the other', ({ time }) => time > before + 0.2);
    two.close();
    await until('the end of the context', () => made[0]!.state === 'closed');
  });

  it('leaves a context of the page, and what a node is connected to, as they are', async () => {
    const own = context();
    const source = new ConstantSourceNode(own, { offset: 0.5 });
    const analyser = new AnalyserNode(own);
    source.connect(analyser);
    source.start();
    const one = meter();
    await one.use(source);
    await levels(one, 'sound', loud);
    one.close();
    expect(own.state).to.equal('running');
    const samples = new Float32Array(analyser.fftSize);
    await until('sound in the page', () => {
      analyser.getFloatTimeDomainData(samples);
      return samples.at(-1) === 0.5;
    });
    // The same context may be metered again.
    const again = meter();
    await again.use(source);
    await levels(again, 'sound again', loud);
  });

  it('tells that the browser holds sound back, and goes on with a gesture', async () => {
    let allowed = false;
    const createContext = () => {
      const made = context();
      const resume = made.resume.bind(made);
      made.resume = () => (allowed ? resume() : made.suspend());
      void made.suspend();
      return made;
    };
    const one = meter({ createContext });
    await one.use(sounding().stream);
    await until('suspended', () => one.state === 'suspended');
    allowed = true;
    document.body.click();
    await until('running', () => one.state === 'running');
    await levels(one, 'sound', loud);
  });

  it('rests while none of its meters has anything to measure, and goes on where one has', async () => {
    const owner = {};
    const own = context();
    const createContext = () => own;
    const { stream, track } = sounding();
    const one = meter({ owner, createContext, loudness: true });
    await one.use(stream);
    // The window of its RMS is full.
    await levels(one, 'sound', ({ channels }) => channels[0]!.rms > -9.2);
    const states: string[] = [];
    one.store.subscribe(
      ({ state }) => state,
      (state) => states.push(state),
    );
    track.stop();
    await until('rest', () => own.state === 'suspended');
    const last = one.levels!;
    expect(last.channels[0]!.rms).to.be.closeTo(-9, 0.5);
    stream.addTrack(sounding().track);
    const next = await levels(one, 'new levels', (told) => told !== last);
    expect(next.time - last.time).to.be.below(0.6);
    expect([own.state, states]).to.deep.equal(['running', ['ended', 'running']]);
    // Another one of the same owner lets it go on, too.
    stream.getAudioTracks().forEach((old) => old.stop());
    await until('rest again', () => own.state === 'suspended');
    const two = meter({ owner, createContext });
    await two.use(sounding().stream);
    await levels(two, 'the other', loud);
    expect([one.state, two.state]).to.deep.equal(['ended', 'running']);
  });

  it('leaves nothing of a sound that has ended after a reset', async () => {
    const { stream, track } = sounding(0.9);
    const one = meter({ loudness: true });
    await one.use(stream);
    await levels(one, 'short-term loudness', ({ loudness }) => loudness!.shortTerm > -3);
    track.stop();
    await until('ended', () => one.state === 'ended');
    const { time } = one.levels!;
    one.reset();
    expect(one.levels).to.equal(null);
    stream.addTrack(sounding(0.01).track);
    const { loudness, truePeak, channels } = await levels(one, 'the other', (told) => told.time > time + 1);
    for (const level of [loudness!.maxMomentary, loudness!.maxShortTerm, loudness!.shortTerm, loudness!.momentary])
      expect(level).to.be.below(-38);
    expect(truePeak).to.be.below(-38);
    for (const level of [channels[0]!.held, channels[0]!.maxPeak]) expect(level).to.be.closeTo(-40, 0.5);
  });

  it('is closed and let go when it rests, too', async () => {
    let left = 0;
    const registry = new FinalizationRegistry<null>(() => left--);
    const rest = async () => {
      let own: AudioContext | null = null;
      const createContext = () => {
        own = new AudioContext();
        left++;
        registry.register(own, null);
        return own;
      };
      const { stream, track } = sounding();
      const one = new LevelMeter({ createContext });
      await one.use(stream);
      await levels(one, 'sound', loud);
      track.stop();
      await until('rest', () => own!.state === 'suspended');
      one.close();
      await until('the end', () => own!.state === 'closed');
    };
    await Promise.all([rest(), rest(), rest(), rest()]);
    await tidy();
    await collected(() => left === 0);
    expect(left).to.equal(0);
  });

  it('is the same for two copies of the package, whose meters tell side by side', async () => {
    const file = new URL('../../dist/cdn/level-meter.js', import.meta.url).href;
    const copy = (await import(file)) as { LevelMeter: typeof LevelMeter };
    const own = context();
    const source = new ConstantSourceNode(own, { offset: 0.5 });
    source.start();
    const [one, two] = [meter({ loudness: true }), new copy.LevelMeter()];
    try {
      await one.use(source);
      await levels(one, 'one', loud);
      await two.use(source);
      await levels(two, 'the other', loud);
      expect([one.error, two.error]).to.deep.equal([null, null]);
      const { time } = one.levels!;
      await levels(one, 'more', (told) => told.time > time + 0.5);
      expect([one.state, two.state]).to.deep.equal(['running', 'running']);
      expect([one.levels!.loudness === null, two.levels!.loudness === null]).to.deep.equal([false, true]);
    } finally {
      two.close();
    }
  });

  it('makes nothing in a context that does not run, and lets go of one that never has', async () => {
    const Native = globalThis.AudioWorkletNode;
    let nodes = 0;
    globalThis.AudioWorkletNode = class extends Native {
      constructor(...args: ConstructorParameters<typeof Native>) {
        super(...args);
        nodes++;
      }
    };
    let left = 0;
    const registry = new FinalizationRegistry<null>(() => left--);
    const createContext = () => {
      const made = new AudioContext();
      made.resume = () => made.suspend();
      void made.suspend();
      left++;
      registry.register(made, null);
      return made;
    };
    const { stream } = sounding();
    try {
      for (let i = 0; i < 8; i++) {
        const one = new LevelMeter({ createContext, loudness: i % 2 === 0 });
        await one.use(stream);
        expect(one.state).to.equal('suspended');
        one.pause();
        one.close();
      }
    } finally {
      globalThis.AudioWorkletNode = Native;
    }
    expect([nodes, left]).to.deep.equal([0, 8]);
    await collected(() => left === 0);
    expect(left).to.equal(0);
  });

  it('holds a pause that came while the browser held sound back', async () => {
    const own = context();
    const resume = own.resume.bind(own);
    own.resume = () => own.suspend();
    await own.suspend();
    const source = new ConstantSourceNode(own, { offset: 0.5 });
    source.start();
    const one = meter({ loudness: true });
    await one.use(source);
    one.pause();
    await resume();
    const told = await levels(one, 'sound', ({ time }) => time > 0.6);
    expect(told.loudness).to.include({ paused: true, measured: 0 });
    expect(one.state).to.equal('running');
  });

  describe('where the browser lets in no track of another sample rate, as Firefox did for long,', () => {
    const Native = globalThis.MediaStreamAudioSourceNode;
    const rates = new WeakMap<MediaStreamTrack, number>();
    const made: AudioContext[] = [];
    const createContext = (sampleRate?: number) => {
      made.push(context(sampleRate));
      return made.at(-1)!;
    };
    const at = (sampleRate: number): MediaStream => {
      const { stream, track } = sounding(0.5, sampleRate);
      rates.set(track, sampleRate);
      return stream;
    };

    before(() => {
      globalThis.MediaStreamAudioSourceNode = class extends Native {
        constructor(to: AudioContext, options: MediaStreamAudioSourceOptions) {
          const [track] = options.mediaStream.getAudioTracks();
          if (rates.get(track!) !== to.sampleRate) throw new DOMException('another rate', 'NotSupportedError');
          super(to, options);
        }
      };
    });

    after(() => {
      globalThis.MediaStreamAudioSourceNode = Native;
    });

    beforeEach(() => {
      made.length = 0;
    });

    it('is another one then, and what shares it goes along', async () => {
      const owner = {};
      const [one, two] = [meter({ owner, createContext }), meter({ owner, createContext, loudness: true })];
      for (const sampleRate of [48_000, 44_100, 16_000]) {
        const stream = at(sampleRate);
        await Promise.all([one.use(stream), two.use(stream)]);
        await Promise.all([levels(one, 'one', loud), levels(two, 'two', loud)]);
        expect([one.state, two.state, one.error, two.error]).to.deep.equal(['running', 'running', null, null]);
        expect([one.levels!.sampleRate, two.levels!.sampleRate]).to.deep.equal([sampleRate, sampleRate]);
        await until('the others are closed', () => made.filter(({ state }) => state !== 'closed').length === 1);
      }
    });

    it('is given up where none is let in, with a code, and nothing is left open', async () => {
      const one = meter({ createContext });
      const stream = at(22_050);
      await one.use(stream);
      expect([one.state, one.error!.code]).to.deep.equal(['failed', 'unsupported']);
      await until('all are closed', () => made.every(({ state }) => state === 'closed'));
    });
  });

  it('says that its levels are old while the audio thread hangs, and goes on', async () => {
    const own = context();
    const hang = await hangAudio(own);
    const source = new ConstantSourceNode(own, { offset: 0.5 });
    source.start();
    const one = meter();
    await one.use(source);
    await levels(one, 'sound', loud);
    hang();
    await until('stale', () => one.state === 'stale');
    await until('running', () => one.state === 'running');
  });

  it('leaves nothing behind when it is closed while it starts, or given another source', async () => {
    const made: AudioContext[] = [];
    const createContext = () => {
      made.push(context());
      return made.at(-1)!;
    };
    const one = meter({ createContext });
    const started = one.use(sounding().stream);
    one.close();
    await started;
    await until('closed contexts', () => made.every(({ state }) => state === 'closed'));
    expect(one.state).to.equal('idle');
  });

  it('is let go by the audio thread: of 50 meters none is left', async () => {
    const own = context();
    const source = new ConstantSourceNode(own, { offset: 0.5 });
    source.start();
    let left = 0;
    const registry = new FinalizationRegistry<null>(() => left--);
    const Native = globalThis.AudioWorkletNode;
    globalThis.AudioWorkletNode = class extends Native {
      constructor(...args: ConstructorParameters<typeof Native>) {
        super(...args);
        left++;
        registry.register(this, null);
      }
    };
    try {
      for (let i = 0; i < 50; i++) {
        const one = new LevelMeter({ loudness: i % 2 === 0 });
        await one.use(source);
        if (i % 10 === 0) await levels(one, 'sound', loud);
        one.close();
      }
    } finally {
      globalThis.AudioWorkletNode = Native;
    }
    expect(left).to.equal(50);
    // A closed meter's node is kept by nobody but a processor that still runs.
    await collected(() => left === 0);
    expect(left).to.equal(0);
  });
});
