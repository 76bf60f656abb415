import * as disk from './disk.js';
import * as load from './load.js';
import { busy, drain, log } from './log.js';
import * as measure from './measure.js';
import * as meters from './meter.js';
import * as sources from './sources.js';

let producer = null;
let recorders = [];
let library = null;
let source = null;

/** Seconds after which a wait is given up; what was heard until then is told. */
const PATIENCE = 30;

/** Bytes of a file that are handed over at a time: no call to the browser may take as long as those of an hour. */
const PIECE = 2 ** 29;

/** Resolves when `test` holds, looked at after each of the element's events. */
function until(element, types, test) {
  return new Promise((resolve, reject) => {
    const end = (settle, value) => {
      clearTimeout(late);
      for (const type of types) element.removeEventListener(type, look);
      settle(value);
    };
    const look = () => {
      const found = test();
      if (found) end(resolve, found);
    };
    const late = setTimeout(() => {
      const now = { is: element.localName, states: recorders.map(({ state }) => state), listed: library?.recordings };
      end(reject, new Error(`Waited in vain for ${test}: ${JSON.stringify({ ...now, log })}`));
    }, PATIENCE * 1000);
    for (const type of types) element.addEventListener(type, look);
    look();
  });
}

function create(tag, attributes) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) element.setAttribute(name, value === true ? '' : String(value));
  }
  return element;
}

const plain = ({ id, name, collection, state, mimeType, size, duration, engine, reason, createdAt }) => ({
  id,
  name,
  collection,
  state,
  mimeType,
  size,
  duration,
  engine,
  reason,
  createdAt: createdAt.getTime(),
});

const fault = (error) => error && { code: error.code, message: error.message, fatal: error.fatal };

/** An exception as its code, so that it survives the way to the test. */
const outcome = (promise) =>
  Promise.resolve(promise).then(
    () => 'done',
    (error) => error.code ?? error.name,
  );

const named = (state) => (element) =>
  until(element, ['oa-statechange', 'oa-error'], () =>
    [].concat(state, 'failed').includes(element.state) ? element.state : null,
  );

/**
 * Ends a track as its source would (Chromium; Firefox delivers no event of ours to a track). The platform tells of an
 * end only when it was not the page that stopped the track.
 */
function end(track) {
  Object.defineProperty(track, 'readyState', { value: 'ended' });
  track.dispatchEvent(new Event('ended'));
  track.stop();
}

/** The media time that each recorder showed last while its take ran or was being finished. */
const shown = new Map();

/** Looks at the counter whenever it is rendered: no event tells of what is shown while a take is being finished. */
function watchCounter(recorder) {
  const hostUpdated = () => {
    if (['recording', 'paused', 'finishing'].includes(recorder.state)) shown.set(recorder, recorder.duration);
  };
  recorder.addController({ hostUpdated });
}

/** What the last worker told of its take: frames that arrived, those given up, and what the element does not show. */
let told = null;
globalThis.Worker = class extends Worker {
  constructor(...how) {
    super(...how);
    this.addEventListener('message', ({ data }) => data?.type === 'progress' && (told = data));
  }
};

/** Pictures as the browser counts them for a track: all that were made, and those it passed on (Chromium). */
function cameraCounts() {
  const { totalFrames, deliveredFrames, discardedFrames } = producer.stream.getVideoTracks()[0].stats ?? {};
  return { totalFrames, deliveredFrames, discardedFrames };
}

globalThis.take = {
  ...disk,
  ...load,
  ...measure,
  ...meters,
  sources,
  /** Scripts have run when a page has loaded: what is not defined by then is missing. */
  ready() {
    for (const tag of ['media-producer', 'stream-recorder', 'recording-library']) {
      if (!customElements.get(tag)) throw new Error(`<${tag}> is not defined: is dist/ built?`);
    }
  },

  /** Puts the tags on the page. `source` is one of sources.js, or `devices` for what the browser offers. */
  async open({
    source: kind = null,
    options = {},
    attributes = {},
    recorders: list = [{}],
    library: recover = null,
    tags = {},
  } = {}) {
    take.ready();
    if (kind !== null) {
      producer = create('media-producer', {
        ...(kind === 'devices' ? { video: 'camera', audio: 'microphone' } : {}),
        ...attributes,
      });
      recorders = list.map((given) => create('stream-recorder', given));
      for (const recorder of recorders) watchCounter(recorder);
      producer.append(...recorders);
      if (kind !== 'devices') {
        source = await sources[kind](options);
        producer.srcObject = source.stream;
      }
      document.body.append(producer);
      // Above it, so that they can be seen.
      const others = Object.entries(tags).map(([tag, given]) => Object.assign(create(tag, given), { producer }));
      document.body.prepend(...others);
      meters.watchMeter(others.find(({ localName }) => localName === 'perf-meter'));
    }
    if (recover !== null) {
      library = create('recording-library', { recover });
      document.body.append(library);
    }
  },

  get producer() {
    return producer;
  },
  get recorders() {
    return recorders;
  },
  get source() {
    return source;
  },

  async live() {
    producer.start()?.catch?.(() => {});
    const state = await named('live')(producer);
    return { state, error: fault(producer.error) };
  },

  /** Starts every recorder; answers the state in which each came to rest. */
  async start() {
    const live = await take.live();
    if (live.state !== 'live') return [live.state];
    for (const recorder of recorders) recorder.start()?.catch?.(() => {});
    return Promise.all(recorders.map(named('recording')));
  },

  /** Goes live at a server; the producer is live already. */
  publish: () => outcome(document.querySelector('stream-publisher').start()),
  /** Records and publishes. */
  async air() {
    await take.start();
    return take.publish();
  },

  async pause() {
    for (const recorder of recorders) recorder.pause();
    return Promise.all(recorders.map(named('paused')));
  },
  async resume() {
    for (const recorder of recorders) recorder.resume();
    return Promise.all(recorders.map(named('recording')));
  },
  /** Lets go of the promise: the worker may be held. */
  stopping: (index = 0) => void recorders[index].stop().catch(() => {}),
  pausing: (index = 0) => recorders[index].pause(),
  discarding: (index = 0) => void recorders[index].discard()?.catch?.(() => {}),
  starting: (index = 0) => void recorders[index].start()?.catch?.(() => {}),

  async stop() {
    return Promise.all(
      recorders.map(async (recorder) => {
        const began = performance.now();
        const recording = await recorder.stop();
        const took = performance.now() - began;
        return { ...plain(recording), shown: shown.get(recorder), took };
      }),
    );
  },

  /** What each recorder says of itself. */
  status: () =>
    recorders.map((recorder) => ({
      state: recorder.state,
      duration: recorder.duration,
      size: recorder.size,
      activeEngine: recorder.activeEngine,
      activeFormat: recorder.activeFormat,
      guarantee: recorder.guarantee && JSON.parse(JSON.stringify(recorder.guarantee)),
      error: fault(recorder.error),
    })),

  /** Resolves when every recorder has shown `seconds` of media. */
  recorded: (seconds) =>
    Promise.all(
      recorders.map((recorder) =>
        until(recorder, ['oa-progress', 'oa-statechange'], () => recorder.duration >= seconds),
      ),
    ).then(() => {}),

  /** Counts of pictures on their way, of the take that was stopped last and of the camera since it was opened. */
  counts: () => ({ at: performance.now() / 1000, worker: told, camera: cameraCounts() }),

  /** Seconds by which the sound of the page is behind the clock: what was never made cannot be recorded. */
  soundBehind: () => performance.now() / 1000 - source.audio.currentTime,

  finished: (index = 0) => until(recorders[index], ['oa-statechange'], () => recorders[index].state === 'idle'),

  outcome,
  attempt: (name, index = 0, ...args) => outcome((async () => recorders[index][name](...args))()),
  move: (index = 0) => {
    const wrapper = document.createElement('div');
    producer.append(wrapper);
    wrapper.append(recorders[index]);
  },
  remove: (index = 0) => recorders[index].remove(),
  block: (milliseconds) => {
    const end = performance.now() + milliseconds;
    while (performance.now() < end);
    return { from: Date.now() - milliseconds, to: Date.now() };
  },
  resize: (width, height) => source.resize(width, height),
  replaceStream: async (kind, options = {}) => {
    source = await sources[kind](options);
    producer.srcObject = source.stream;
  },
  stopProducer: () => producer.stop(),
  /** Switches to another device; answers what came of it, and where in the media that was. */
  switchDevice: async (kind, name) => {
    const at = recorders[0].duration;
    return { at, outcome: await outcome(producer.switchDevice(kind, name)) };
  },
  devices: () => ({
    list: producer.devices.map(({ kind, label, deviceId }) => ({ kind, label, deviceId })),
    active: { video: producer.activeVideoDevice, audio: producer.activeAudioDevice },
    error: fault(producer.error),
    state: producer.state,
  }),
  /** Resolves when the producer tells of this fault. */
  missing: (code) => until(producer, ['oa-error'], () => producer.error?.code === code),
  /** Resolves when this device is in use. */
  using: (kind, id) =>
    until(producer, ['oa-devicechange', 'oa-error', 'oa-statechange'], () => take.devices().active[kind] === id),
  stopTwice: async (index = 0) => {
    const promises = [recorders[index].stop(), recorders[index].stop()];
    return (await Promise.all(promises)).map(plain);
  },
  startAndStop: async (index = 0) => {
    recorders[index].start()?.catch?.(() => {});
    return outcome(recorders[index].stop());
  },
  estimate: () => navigator.storage.estimate(),
  stopTracks: () => source.stream.getTracks().forEach((track) => track.stop()),
  endSound: () => (source.endSound ?? (() => end(source.stream.getAudioTracks()[0])))(),
  endVideo: () => (source.endVideo ?? (() => end(source.stream.getVideoTracks()[0])))(),

  async recordings() {
    await library.refresh();
    return library.recordings.map(plain);
  },
  /** Resolves when no take runs any more. */
  async quiet() {
    await library.refresh();
    await until(library, ['oa-recordingschange'], () =>
      library.recordings.every(({ state }) => !['recording', 'finishing'].includes(state)),
    );
    return library.recordings.map(plain);
  },
  /** Resolves when nothing is left to recover. */
  async settled() {
    await library.refresh();
    await until(library, ['oa-recordingschange', 'oa-recovered', 'oa-error'], () =>
      library.recordings.every(({ state }) => !['interrupted', 'finishing'].includes(state)),
    );
    return library.recordings.map(plain);
  },
  recover: (id) => outcome(library.recover(id)),
  recoverAll: async () => {
    await library.refresh();
    const interrupted = library.recordings.filter(({ state }) => state === 'interrupted');
    for (const { id } of interrupted) await library.recover(id);
    return interrupted.length;
  },
  removal: (id) => outcome(library.remove(id)),
  removeAll: async () => {
    await library.refresh();
    for (const { id } of library.recordings) await library.remove(id);
  },

  /** Hands a piece of a recording to the test server; answers where the next one begins, null after the last. */
  async send(id, name, from = 0) {
    if (from === 0) await library.refresh();
    const file = await library.recordings.find((recording) => recording.id === id).file();
    const to = from + PIECE;
    await fetch(`/put?name=${name}&from=${from}`, { method: 'PUT', body: file.slice(from, to) });
    return to < file.size ? to : null;
  },

  /** Opens a file that the server has, jumps, and answers where it landed and whether a picture was there. */
  async seek(name, fraction) {
    const video = document.createElement('video');
    video.muted = true;
    video.preload = 'auto';
    video.src = `/files/${name}`;
    document.body.append(video);
    const event = (type) =>
      new Promise((resolve, reject) => {
        video.addEventListener(type, resolve, { once: true });
        video.addEventListener('error', () => reject(new Error(video.error?.message)), { once: true });
      });
    await event('loadeddata');
    const { duration } = video;
    const seeked = event('seeked');
    const began = performance.now();
    video.currentTime = duration * fraction;
    await seeked;
    const took = performance.now() - began;
    const { currentTime } = video;
    await video.play();
    while (video.currentTime <= currentTime) await event('timeupdate');
    const landed = {
      duration,
      currentTime,
      took,
      width: video.videoWidth,
      height: video.videoHeight,
    };
    video.remove();
    return landed;
  },

  log: () => log,
  busy: (milliseconds) => busy(milliseconds),
  /** Milliseconds of each task of the page over 50 ms. */
  longTasks: async () => {
    await drain();
    return log.flatMap(({ type, duration }) => (type === 'longtask' ? [duration] : []));
  },
  clearLog: () => void log.splice(0),
};
