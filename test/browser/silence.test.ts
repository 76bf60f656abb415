import { expect } from '@open-wc/testing';
import { MediaProducer } from '../../dist/core/producer/index.js';
import { RecordingStore, StreamRecorder } from '../../dist/core/record/index.js';
import { picture } from './media-producer-support.js';
import { virtualDevices, type VirtualDevices } from './virtual-devices.js';
import { waitUntil } from './wait.js';

const PATIENCE = { timeout: 20_000, interval: 50 };

describe('a recorded sound that is nothing but zeros', () => {
  let devices: VirtualDevices;
  let context: AudioContext;
  let level: GainNode;
  let sound: MediaStream;
  let producer: MediaProducer;
  let recorder: StreamRecorder;

  beforeEach(async () => {
    localStorage.clear();
    devices = virtualDevices([], ['Desk Microphone', 'Clip Microphone']);
    context = new AudioContext();
    await context.resume();
    level = new GainNode(context, { gain: 0 });
    const tone = new OscillatorNode(context);
    const output = new MediaStreamAudioDestinationNode(context);
    tone.connect(level).connect(output);
    tone.start();
    sound = output.stream;
    producer = new MediaProducer();
    recorder = new StreamRecorder();
    recorder.source = producer;
  });

  afterEach(async () => {
    await recorder.discard();
    producer.destroy();
    await context.close();
    devices.restore();
    localStorage.clear();
    const store = new RecordingStore();
    for (const { id } of await store.refresh()) await store.remove(id);
    store.destroy();
  });

  it('lets another microphone stand in each time that one falls silent, until it is heard', async function () {
    this.timeout(60_000);
    sound.getAudioTracks()[0]!.getSettings = () => ({ deviceId: 'Desk Microphone' });
    devices.instead.set('Desk Microphone', () => sound);
    producer.deviceFallback = true;
    const using = (name: string, why: string) =>
      waitUntil(() => producer.store.get().active.audio === name, why, PATIENCE);
    const told: string[] = [];
    recorder.store.subscribe(
      ({ error }) => error,
      (error) => told.push(error?.code ?? 'over'),
    );
    await producer.start({ video: 'none', audio: ['microphone'] });
    await recorder.start();
    await using('Clip Microphone', 'the other one, for zeros from the beginning');
    level.gain.value = 0.1;
    await using('Desk Microphone', 'the first one, which is heard');
    await waitUntil(() => told.at(-1) === 'over', 'the end of the silence', PATIENCE);
    level.gain.value = 0;
    await using('Clip Microphone', 'the other one, for zeros behind a sound');
    expect(told.filter((code) => code === 'microphone-silent').length).to.equal(2);
    level.gain.value = 0.1;
    await using('Desk Microphone', 'the first one, which is heard again');
    expect(recorder.state).to.equal('recording');
    const { duration } = await recorder.stop();
    expect(duration).to.be.above(12);
  });

  it('is no microphone that is silent, where it is what other programs play', async function () {
    this.timeout(30_000);
    const { mediaDevices } = navigator;
    const [silent] = sound.getAudioTracks();
    mediaDevices.getDisplayMedia = () => Promise.resolve(new MediaStream([picture().getVideoTracks()[0]!, silent!]));
    try {
      await producer.start({ video: 'screen', audio: ['system'] });
      await recorder.start();
      await waitUntil(() => recorder.store.get().duration >= 5, 'five seconds', PATIENCE);
      expect(recorder.store.get().error?.code).to.equal(undefined);
      await recorder.stop();
    } finally {
      Reflect.deleteProperty(mediaDevices, 'getDisplayMedia');
    }
  });
});
