import { aTimeout, expect, nextFrame } from '@open-wc/testing';
import { MediaProducer } from '../../dist/core/producer/index.js';
import '../../dist/define/media-producer.js';
import '../../dist/define/audio-level.js';
import { context, level, loud, place, reached, shown, tidy, tone, type OaAudioLevel } from './audio-level-support.js';
import { Belongings, Remains } from './leaks-support.js';
import { waitUntil } from './wait.js';

interface Collector {
  gc?: (options: { type: 'major'; execution: 'async' }) => Promise<void>;
  TestUtils?: { gc(): Promise<void> };
}

afterEach(tidy);

const states = (element: OaAudioLevel): string[] => {
  const told: string[] = [];
  element.addEventListener('oa-statechange', ({ state }) => told.push(state));
  return told;
};

describe('audio-level that is moved', () => {
  it('goes on as if it had not been', async () => {
    const root = place(`<media-producer video="none"><section></section><audio-level></audio-level></media-producer>`);
    const element = root.querySelector<OaAudioLevel>('audio-level')!;
    await root.querySelector('media-producer')!.start();
    await waitUntil(() => element.levels && element.levels.time > 0.5, 'levels');
    const told = states(element);
    const { time } = element.levels!;
    root.querySelector('section')!.append(element);
    await waitUntil(() => element.levels!.time > time + 0.5, 'more');
    await shown(element);
    expect(told).to.deep.equal([]);
  });

  it('belongs to the producer that it is moved to', async () => {
    const root = place(`<media-producer id="a" video="none"><audio-level></audio-level></media-producer>
      <media-producer id="b" video="none"></media-producer>`);
    const element = root.querySelector<OaAudioLevel>('audio-level')!;
    const [a, b] = root.querySelectorAll('media-producer');
    await a!.start();
    await waitUntil(() => element.levels, 'levels');
    b!.append(element);
    await reached(element, 'ended');
    await b!.start();
    await reached(element, 'running');
    await loud(element);
    a!.stop();
    await nextFrame();
    expect(element.state).to.equal('running');
  });
});

describe('audio-level that is removed', () => {
  it('lets go of everything, and takes it up again when it is put back', async () => {
    const element = await level();
    const parent = element.parentElement!;
    const made: AudioContext[] = [];
    const { AudioContext: Real } = window;
    window.AudioContext = class extends Real {
      constructor(options?: AudioContextOptions) {
        super(options);
        made.push(this);
      }
    };
    try {
      const source = new Real();
      const oscillator = new OscillatorNode(source);
      const to = new MediaStreamAudioDestinationNode(source);
      oscillator.connect(to);
      oscillator.start();
      element.srcObject = to.stream;
      await loud(element);
      expect(made.length).to.equal(1);
      const told = states(element);
      element.remove();
      await reached(element, 'idle');
      expect([told, element.levels]).to.deep.equal([['idle'], null]);
      await waitUntil(() => made[0]!.state === 'closed', 'its context is closed');
      parent.append(element);
      await loud(element);
      expect(made.length).to.equal(2);
      await source.close();
    } finally {
      window.AudioContext = Real;
    }
  });

  it('before its parts have come is as if it had never been', async () => {
    const element = await level();
    element.srcObject = tone().stream;
    element.remove();
    await waitUntil(() => element.state === 'idle', 'nothing');
    await nextFrame();
    expect(element.levels).to.equal(null);
  });

  it('leaves nothing behind: 50 of them, mounted and removed', async () => {
    const source = new ConstantSourceNode(context(), { offset: 0.5 });
    source.start();
    const { stream } = tone();
    let made = 0;
    let processors = 0;
    const registry = new FinalizationRegistry<null>(() => processors--);
    const Native = globalThis.AudioWorkletNode;
    globalThis.AudioWorkletNode = class extends Native {
      constructor(...args: ConstructorParameters<typeof Native>) {
        super(...args);
        made++;
        processors++;
        registry.register(this, null);
      }
    };
    const had = new Belongings();
    const remains = new Remains();
    // What waits by timers would be among what is counted.
    const until = async (holds: () => boolean) => {
      while (!holds()) await nextFrame();
    };
    // Its loop keeps its last element: what is watched is made where nothing of it stays.
    const mount = async (mode: string, index: number): Promise<void> => {
      const element = await level(`<audio-level mode="${mode}"></audio-level>`);
      if (index % 5 === 0) element.srcObject = stream;
      else element.connectNode(source);
      await until(() => element.state === 'running');
      if (index % 10 === 0) await until(() => element.levels !== null);
      remains.watch(element);
      element.parentElement!.remove();
    };
    try {
      for (let index = 0; index < 50; index++) await mount(index % 2 ? 'peak' : 'loudness', index);
    } finally {
      globalThis.AudioWorkletNode = Native;
    }
    expect(made).to.be.at.least(50);
    // What an engine remembers of the last element that it has laid out, and painted, is now of another.
    const another = await level();
    another.connectNode(source);
    await until(() => another.levels !== null);
    await tidy();
    const deadline = performance.now() + 10_000;
    while (had.timers.size > 0 && performance.now() < deadline) await nextFrame();
    expect([had.timers.size, had.observers.size], 'timers and observers').to.deep.equal([0, 0]);
    had.restore();
    await remains.collect(1);
    const left = Object.values(remains.left).reduce((sum, one) => sum + one, 0);
    expect(left, `elements of ${remains.watched}`).to.be.at.most(1);
    const { gc, TestUtils } = globalThis as Collector;
    const end = performance.now() + 25_000;
    // A node is kept by nobody but a processor that still runs.
    while (processors > 0 && performance.now() < end) {
      await (gc ? gc({ type: 'major', execution: 'async' }) : TestUtils!.gc());
      await aTimeout(200);
    }
    expect(processors).to.equal(0);
  }).timeout(180_000);
});

describe('audio-level and the store of its producer', () => {
  const told = (producer: MediaProducer) => producer.store.get().levels?.() ?? null;

  it('is not updated by what is none of its business', async () => {
    const producer = new MediaProducer();
    producer.use(tone().stream);
    const element = await level();
    element.producer = producer;
    await loud(element);
    await shown(element);
    let updates = 0;
    element.addController({ hostUpdated: () => updates++ });
    for (let network = 0; network < 1; network += 0.1) {
      producer.store.set({ network });
      await element.updateComplete;
    }
    expect(updates).to.equal(0);
    producer.use(null);
    await reached(element, 'ended');
  });

  it('tells monitors by the last of those that are left', async () => {
    const producer = new MediaProducer();
    producer.use(tone().stream);
    const elements = [await level(), await level(), await level()];
    for (const element of elements) {
      element.producer = producer;
      await loud(element);
    }
    const [first, second, third] = elements;
    expect(told(producer)!.time).to.equal(third!.levels!.time);
    second!.remove();
    await reached(second!, 'idle');
    expect(told(producer)!.time).to.equal(third!.levels!.time);
    third!.remove();
    await reached(third!, 'idle');
    expect(told(producer)!.time).to.equal(first!.levels!.time);
    first!.remove();
    await reached(first!, 'idle');
    expect(producer.store.get().levels).to.equal(null);
  });
});

describe('two of audio-level', () => {
  it('on one producer share an AudioContext, and each shows its own', async () => {
    const Native = globalThis.AudioWorkletNode;
    const contexts: BaseAudioContext[] = [];
    globalThis.AudioWorkletNode = class extends Native {
      constructor(...args: ConstructorParameters<typeof Native>) {
        super(...args);
        contexts.push(this.context);
      }
    };
    try {
      const root = place(`<media-producer video="none">
        <audio-level></audio-level><audio-level mode="loudness"></audio-level></media-producer>`);
      const [peak, loudness] = root.querySelectorAll<OaAudioLevel>('audio-level');
      await root.querySelector('media-producer')!.start();
      await Promise.all([loud(peak!), loud(loudness!)]);
      expect([contexts.length, new Set(contexts).size]).to.deep.equal([2, 1]);
      expect([peak!.levels!.loudness === null, loudness!.levels!.loudness === null]).to.deep.equal([true, false]);
      peak!.remove();
      const { time } = loudness!.levels!;
      await waitUntil(() => loudness!.levels!.time > time + 0.5, 'the other goes on');
    } finally {
      globalThis.AudioWorkletNode = Native;
    }
  });
});
