import { expect } from '@open-wc/testing';
import { RECORD_SIZE } from '../../dist/core/audio/level-record.js';
import { context, levels, loud, meter, sounding, tidy, until } from './level-meter-support.js';

afterEach(tidy);

/** A sine with as many channels as there are amplitudes. */
function track(...amplitudes: number[]): MediaStreamTrack {
  const from = context();
  const oscillator = new OscillatorNode(from, { frequency: 997 });
  const merger = new ChannelMergerNode(from, { numberOfInputs: amplitudes.length });
  const to = new MediaStreamAudioDestinationNode(from, { channelCount: amplitudes.length });
  amplitudes.forEach((gain, channel) => oscillator.connect(new GainNode(from, { gain })).connect(merger, 0, channel));
  merger.connect(to);
  oscillator.start();
  return to.stream.getAudioTracks()[0]!;
}

describe('The tracks of a LevelMeter', () => {
  it('may be swapped by the page, which no event tells of', async () => {
    const [one, two] = [sounding(1.2), sounding(0.1)];
    const stream = new MediaStream([one.track]);
    const both = meter();
    await both.use(stream);
    const { clips } = await levels(both, 'clips', (told) => told.clips! > 20);
    stream.removeTrack(one.track);
    one.track.stop();
    stream.addTrack(two.track);
    const told = await levels(both, 'the other', ({ channels }) => channels[0]!.rms < -20 && channels[0]!.rms > -40);
    expect(both.state).to.equal('running');
    expect(told.clips).to.be.at.least(clips!);
  });

  it('leave the last levels when they end, and go on from there with another', async () => {
    const owner = {};
    const { stream, track: first } = sounding();
    const [one, other] = [meter({ owner, loudness: true, silentAfter: 0.5 }), meter({ owner })];
    await Promise.all([one.use(stream), other.use(sounding().stream)]);
    await levels(one, 'short-term loudness', ({ loudness }) => loudness!.shortTerm > -6.5);
    first.stop();
    await until('ended', () => one.state === 'ended');
    const last = one.levels!;
    expect(last.loudness!.momentary).to.be.closeTo(-6, 0.5);
    const { time } = other.levels!;
    await levels(other, 'a second', (told) => told.time > time + 1);
    expect(one.levels === last, 'the same levels').to.equal(true);
    // Also what nobody was told of has stood still.
    stream.addTrack(sounding().track);
    await until('running', () => one.state === 'running');
    const next = await levels(one, 'new levels', (told) => told !== last);
    expect(next.time - last.time).to.be.below(0.6);
    expect(next.loudness!.measured - last.loudness!.measured).to.be.below(0.6);
    expect(next.silences).to.equal(0);
    await levels(one, 'more', ({ loudness }) => loudness!.measured > next.loudness!.measured);
  });

  it('are mixed as they would be heard: one channel goes to both sides', async () => {
    const one = meter();
    await one.use(new MediaStream([track(0.5), track(0.01, 0.01)]));
    const { channels } = await levels(one, 'both', (told) => told.channels.length === 2 && loud(told) && told.time > 1);
    for (const { rms } of channels) expect(rms).to.be.closeTo(channels[0]!.rms, 0.1);
  });

  it('give way to a node of the page, whose channels are as they are', async () => {
    const own = context();
    const [one, two] = [0.5, 0.1].map((offset) => new ConstantSourceNode(own, { offset }));
    const [both, merger] = [new GainNode(own), new ChannelMergerNode(own, { numberOfInputs: 2 })];
    one!.connect(merger, 0, 0);
    two!.connect(merger, 0, 1);
    merger.connect(both);
    one!.start();
    two!.start();
    const element = meter();
    await element.use(both);
    const { channels } = await levels(element, 'sound', ({ time }) => time > 0.5);
    expect(channels.map(({ peak }) => Math.round(peak))).to.deep.equal([-6, -20]);
  });
});

describe('A LevelMeter', () => {
  it('says that a sound is over when the page has closed its context', async () => {
    const own = context();
    const source = new ConstantSourceNode(own, { offset: 0.5 });
    source.start();
    const one = meter();
    await one.use(source);
    const states: string[] = [];
    await levels(one, 'sound', loud);
    one.store.subscribe(
      ({ state }) => state,
      (state) => states.push(state),
    );
    await own.close();
    await until('ended', () => one.state === 'ended');
    expect(states).to.deep.equal(['ended']);
    expect(loud(one.levels!)).to.equal(true);
  });

  it('says with a code that what measures has thrown, closes its context, and may be tried again', async () => {
    const made: AudioContext[] = [];
    const createContext = () => {
      made.push(context());
      return made.at(-1)!;
    };
    const one = meter({ layout: 'ring' as never, createContext });
    const { stream } = sounding();
    await one.use(stream);
    await until('failed', () => one.state === 'failed');
    expect(one.error).to.include({ code: 'worker-failed', fatal: true });
    await until('the end of the context', () => made[0]!.state === 'closed');
    await one.use(stream);
    expect(made.length).to.equal(2);
  });

  it('goes on where another of its context has thrown, be it the first', async () => {
    const owner = {};
    const [broken, one] = [meter({ owner, layout: 'ring' as never }), meter({ owner })];
    const { stream } = sounding();
    await Promise.all([broken.use(stream), one.use(stream)]);
    await until('failed', () => broken.state === 'failed');
    await levels(one, 'sound', loud);
    const { time } = one.levels!;
    await levels(one, 'more', (told) => told.time > time + 1);
    expect([one.state, one.error]).to.deep.equal(['running', null]);
  });

  it('is never heard', async () => {
    const offline = new OfflineAudioContext(2, 48_000, 48_000);
    const source = new OscillatorNode(offline, { frequency: 997 });
    const [one, two] = [meter({ loudness: true }), meter()];
    await Promise.all([one.use(source), two.use(source)]);
    source.start();
    await levels(one, 'a beginning', () => true);
    const heard = await offline.startRendering();
    await levels(one, 'sound', loud);
    for (const channel of [0, 1]) expect(heard.getChannelData(channel).every((sample) => sample === 0)).to.equal(true);
  });

  it('shares one message with all of its context, 20 times a second', async () => {
    const Native = globalThis.MessageChannel;
    const told: number[] = [];
    let channels = 0;
    globalThis.MessageChannel = class extends Native {
      constructor() {
        super();
        channels++;
        this.port1.addEventListener('message', ({ data }: MessageEvent<Float64Array>) => told.push(data.length));
      }
    };
    try {
      const owner = {};
      const all = [meter({ owner, loudness: true }), meter({ owner }), meter({ owner })];
      const { stream } = sounding();
      await Promise.all(all.map((one) => one.use(stream)));
      for (const one of all) await levels(one, 'sound', loud);
      const { time } = all[0]!.levels!;
      const before = told.length;
      const after = await levels(all[0]!, 'two seconds', (now) => now.time > time + 2);
      const lengths = told.slice(before);
      expect(channels).to.equal(1);
      expect(lengths.length / (after.time - time)).to.be.closeTo(20, 1);
      expect(new Set(lengths)).to.deep.equal(new Set([3 * RECORD_SIZE]));
    } finally {
      globalThis.MessageChannel = Native;
    }
  });

  it('does not take its levels for old after the page has hung', async () => {
    const one = meter();
    await one.use(sounding().stream);
    await levels(one, 'sound', loud);
    const states: string[] = [];
    one.store.subscribe(
      ({ state }) => state,
      (state) => states.push(state),
    );
    for (let hangs = 0; hangs < 3; hangs++) {
      const end = performance.now() + 2300;
      while (performance.now() < end);
      const { time } = one.levels!;
      await levels(one, 'more', (now) => now.time > time + 0.6);
    }
    expect(states).to.deep.equal([]);
  });
});
