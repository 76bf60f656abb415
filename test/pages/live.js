import { log } from './log.js';
import * as sources from './sources.js';

let producer = null;
let publisher = null;
let recorder = null;
let source = null;
/** How often a token was asked for. */
let asked = 0;

/** Resolves when the publisher is in one of these states, looked at after each change. */
const reached = (...states) =>
  new Promise((resolve) => {
    const look = () => {
      if (!states.includes(publisher.state)) return;
      publisher.removeEventListener('oa-statechange', look);
      resolve(publisher.state);
    };
    publisher.addEventListener('oa-statechange', look);
    look();
  });

/** An exception as its code, so that it survives the way to the test. */
const outcome = (promise) =>
  promise.then(
    () => 'done',
    (error) => error.code ?? error.name,
  );

const fault = (error) =>
  error && { code: error.code, message: error.message, fatal: error.fatal, detail: error.detail };

globalThis.take = {
  /** Puts a producer with a publisher on the page. `source` is one of sources.js, or `devices` for the browser's own. */
  async open({ source: kind = 'clock', options = {}, attributes = {}, properties = {}, record = false }) {
    producer = document.createElement('media-producer');
    publisher = document.createElement('stream-publisher');
    for (const [name, value] of Object.entries(attributes)) publisher.setAttribute(name, String(value));
    Object.assign(publisher, properties);
    producer.append(publisher);
    if (record) producer.append((recorder = document.createElement('stream-recorder')));
    document.body.append(producer);
    if (kind === 'devices') return outcome(producer.start());
    source = await sources[kind](options);
    producer.srcObject = source.stream;
    return 'done';
  },
  start: () => outcome(publisher.start()),
  begin: () => void publisher.start(),
  stop: () => publisher.stop(),
  set: (name, value) => void (publisher[name] = value),
  /** Tokens that are given one after the other; the last one again and again. `late` seconds each takes. */
  tokens(list, late = 0) {
    asked = 0;
    publisher.getToken = async () => {
      const token = list[Math.min(asked++, list.length - 1)];
      await new Promise((resolve) => setTimeout(resolve, late * 1000));
      return token;
    };
  },
  asked: () => asked,
  /** Resolves when the other side has reported often enough to know how often it does. */
  async settled() {
    while (publisher.stats?.roundTrip == null || publisher.stats.uptime < 4)
      await new Promise((resolve) => setTimeout(resolve, 50));
  },
  reached,
  /** Resolves when a fault of that code has been told. */
  heard: (code) =>
    new Promise((resolve) => {
      const look = () => publisher.error?.code === code && resolve(code);
      publisher.addEventListener('oa-error', look);
      look();
    }),
  status: () => ({
    state: publisher.state,
    reason: publisher.reason,
    attempt: publisher.attempt,
    error: fault(publisher.error),
    stats: publisher.stats,
  }),
  tracks: () => producer.stream?.getTracks().map(({ readyState }) => readyState) ?? [],
  stopProducer: () => producer.stop(),
  pauseProducer: () => producer.pause(),
  switchDevice: (kind, device) => outcome(producer.switchDevice(kind, device)),
  active: () => ({ video: producer.activeVideoDevice, audio: producer.activeAudioDevice }),
  devices: () => producer.devices.map(({ kind, label, deviceId }) => ({ kind, label, deviceId })),
  record: () => outcome(recorder.start()),
  /** Hands the file over by that name. */
  async endRecording(name) {
    const recording = await recorder.stop();
    await fetch(`/put?name=${name}`, { method: 'PUT', body: await recording.file() });
    return { duration: recording.duration, state: recording.state, recorder: recorder.state };
  },
  leave: () => dispatchEvent(new PageTransitionEvent('pagehide')),
  log: () => log,
};
