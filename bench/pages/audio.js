import { LevelMeter } from '/dist/core/audio/index.js';
import { WebAudioPeakMeter } from '/peers/web-audio-peak-meter/lib/index.esm.js';

const RATE = 48_000;
const QUANTUM = 128;

// A peer's true-peak processor tells of itself in the console, more than once a second.
console.log = () => {};

/** Noise that swells, in both channels. */
function noise(seconds) {
  const buffer = new AudioBuffer({ numberOfChannels: 2, length: seconds * RATE, sampleRate: RATE });
  for (let channel = 0; channel < 2; channel++) {
    const samples = buffer.getChannelData(channel);
    for (let i = 0; i < samples.length; i++)
      samples[i] = (Math.random() * 2 - 1) * (0.3 + 0.25 * Math.sin((2 * Math.PI * i) / RATE));
  }
  return buffer;
}

/** Resolves when it holds. */
const until = async (holds) => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
};

const peer = (options) => async (source) => {
  const meter = new WebAudioPeakMeter(source, null, options);
  await until(() => meter.node);
  return { read: () => ({ truePeak: Math.max(...meter.getPeaks().maxesDB) }), close: () => meter.cleanup() };
};

const ours = (options) => async (source) => {
  const meter = new LevelMeter(options);
  const told = [];
  meter.store.subscribe(
    ({ levels }) => levels,
    (levels) => levels?.loudness && told.push({ time: levels.time, truePeak: levels.truePeak, ...levels.loudness }),
  );
  await meter.use(source);
  if (meter.error) throw meter.error;
  // An offline context renders all in one go: what the audio thread has not heard by then it hears at the end.
  await until(() => meter.levels);
  return { read: () => told, close: () => meter.close() };
};

async function loudnessWorklet(source) {
  const { context } = source;
  await context.audioWorklet.addModule('/peer/loudness.worklet.js');
  const processorOptions = { interval: 0.05, shared: false };
  const node = new AudioWorkletNode(context, 'loudness-processor', { numberOfInputs: 1, processorOptions });
  const told = [];
  node.port.onmessage = ({ data: [view] }) => {
    const [time, , range, momentary, shortTerm, integrated, maxMomentary, maxShortTerm, truePeak] = view;
    told.push({ time, range, momentary, shortTerm, integrated, maxMomentary, maxShortTerm, truePeak });
  };
  source.connect(node).connect(context.destination);
  return { read: () => told, close: () => node.disconnect() };
}

/** What the browser takes for a worklet, whatever that does. */
const EMPTY = `registerProcessor('empty', class extends AudioWorkletProcessor {
  process() {
    return true;
  }
})`;

async function empty(source) {
  const url = URL.createObjectURL(new Blob([EMPTY], { type: 'text/javascript' }));
  await source.context.audioWorklet.addModule(url);
  URL.revokeObjectURL(url);
  source.connect(new AudioWorkletNode(source.context, 'empty')).connect(source.context.destination);
  return { read: () => [], close: () => {} };
}

/** What is measured by whom. */
const meters = {
  nothing: async (source) => {
    source.connect(source.context.destination);
    return { read: () => [], close: () => {} };
  },
  empty,
  full: ours({ loudness: true }),
  samples: ours({}),
  'peer-peak': peer({ audioMeterStandard: 'peak-sample' }),
  'peer-true-peak': peer({ audioMeterStandard: 'true-peak' }),
  'loudness-worklet': loudnessWorklet,
};

/** What Node calls. */
globalThis.audio = {
  /** Microseconds that a quantum takes with this meter, the rest of the graph included. */
  async render(name, seconds) {
    const context = new OfflineAudioContext(2, seconds * RATE, RATE);
    const source = new AudioBufferSourceNode(context, { buffer: noise(1), loop: true });
    const meter = await meters[name](source);
    source.start();
    const began = performance.now();
    await context.startRendering();
    const took = performance.now() - began;
    meter.close();
    return (took * 1000 * QUANTUM) / (seconds * RATE);
  },

  /** All that a meter has told of a case that the server has; `rest` is seconds of silence after it. */
  async measure(name, { number, layout, channels, sampleRate, rest }) {
    const response = await fetch(`/case?number=${encodeURIComponent(number)}&rate=${sampleRate}`);
    const samples = new Float32Array(await response.arrayBuffer());
    const frames = samples.length / channels;
    const length = frames + Math.round(rest * sampleRate);
    const context = new OfflineAudioContext(channels, length, sampleRate);
    const buffer = new AudioBuffer({ numberOfChannels: channels, length, sampleRate });
    for (let channel = 0; channel < channels; channel++)
      buffer.copyToChannel(samples.subarray(channel * frames, (channel + 1) * frames), channel);
    const source = new AudioBufferSourceNode(context, { buffer });
    const make = name === 'full' ? ours({ loudness: true, layout }) : meters[name];
    const meter = await make(source);
    source.start();
    await context.startRendering();
    // Messages that are on their way.
    await new Promise((resolve) => setTimeout(resolve, 200));
    const told = meter.read();
    meter.close();
    return told;
  },

  /** Eight meters that can be seen, of one sound; `kind` is nothing, an element's mode, or `peer`. */
  async show(kind) {
    const context = new AudioContext({ sampleRate: RATE });
    const source = new AudioBufferSourceNode(context, { buffer: noise(4), loop: true });
    source.start();
    await context.resume();
    for (let i = 0; i < 8; i++) {
      if (kind === 'peer') {
        const place = document.createElement('div');
        place.style.cssText = 'width: 600px; height: 60px';
        document.body.append(place);
        new WebAudioPeakMeter(source, place);
      } else if (kind !== 'nothing') {
        const element = document.createElement('audio-level');
        element.mode = kind;
        element.style.width = '600px';
        document.body.append(element);
        element.connectNode(source);
        await until(() => element.levels);
      }
    }
    await until(() => context.state === 'running');
  },
};
