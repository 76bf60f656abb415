import { contenders } from './contenders.js';

let contender = null;
let file = null;

/** Milliseconds from the post of a job to a worker until it tells how the job ended. */
function timeJob(type) {
  const { postMessage } = Worker.prototype;
  return new Promise((resolve) => {
    Worker.prototype.postMessage = function (message, ...rest) {
      if (message?.type === type) {
        const began = performance.now();
        this.addEventListener('message', ({ data }) => {
          if (/^(recovered|failed)$/.test(data?.type)) resolve(performance.now() - began);
        });
        Worker.prototype.postMessage = postMessage;
      }
      return postMessage.call(this, message, ...rest);
    };
  });
}

let burning = [];
const moves = [];
const queue = [];
addEventListener('oa-qualitychange', ({ level, cause }) => moves.push({ at: Date.now(), level, cause }), true);
// Workers that a server was asked to watch tell how many pictures wait for their encoder.
new BroadcastChannel('bench').onmessage = ({ data }) => queue.push(data);

/** What Node calls. One contender a page. */
globalThis.take = {
  async open(name, setup) {
    contender = await contenders[name](setup);
  },
  async start() {
    await contender.start();
  },
  bytes: () => contender.bytes,
  mimeType: () => contender.mimeType,

  /** Keeps the page from doing anything else. */
  block(milliseconds) {
    const end = performance.now() + milliseconds;
    while (performance.now() < end);
  },

  /** Keeps processors busy until `cool()`. Both answer when it was so, in milliseconds since the epoch, as all times here. */
  async burn(count) {
    burning = Array.from({ length: count }, () => new Worker('/pages/burn.worker.js'));
    await Promise.all(burning.map((worker) => new Promise((resolve) => (worker.onmessage = resolve))));
    return Date.now();
  },
  cool() {
    for (const worker of burning.splice(0)) worker.terminate();
    return Date.now();
  },

  /** What has happened until now: moves to another quality, and pictures that waited for the encoder. */
  seen: () => ({ at: Date.now(), moves, queue }),

  /** Milliseconds from the call until the contender hands the file over, and until it can be seeked where that takes another call. */
  async stop() {
    const began = performance.now();
    file = await contender.stop();
    const handed = performance.now() - began;
    let fixed = null;
    if (file && contender.seekable) {
      const fixing = performance.now();
      file = await contender.seekable(file);
      fixed = handed + performance.now() - fixing;
    }
    return { handed, fixed, size: file?.size ?? 0 };
  },

  /** Jumps to a part of the file in a player; `took` in milliseconds, null when the file tells no duration. */
  async seek(fraction) {
    const video = document.createElement('video');
    video.muted = true;
    video.preload = 'auto';
    video.src = URL.createObjectURL(file);
    const event = (type) =>
      new Promise((resolve, reject) => {
        video.addEventListener(type, resolve, { once: true });
        video.addEventListener('error', () => reject(new Error(video.error?.message)), { once: true });
      });
    try {
      await event('loadeddata');
      const { duration } = video;
      if (!Number.isFinite(duration)) return { duration: null, took: null };
      const seeked = event('seeked');
      const began = performance.now();
      video.currentTime = duration * fraction;
      await seeked;
      return { duration, took: performance.now() - began };
    } finally {
      URL.revokeObjectURL(video.src);
      video.removeAttribute('src');
    }
  },

  /** Finishes the one recording that was cut off; milliseconds for the page, and of these in the worker. */
  async recover() {
    const library = document.createElement('recording-library');
    library.setAttribute('recover', 'off');
    document.body.append(library);
    await library.refresh();
    const [{ id }] = library.recordings;
    const job = timeJob('recover');
    const began = performance.now();
    const recording = await library.recover(id);
    const took = performance.now() - began;
    file = await recording.file();
    const { state, duration, size } = recording;
    return { state, duration, size, took, inWorker: await job, seek: (await take.seek(0.8)).took };
  },

  async send(name) {
    await fetch(`/put?name=${name}`, { method: 'PUT', body: file });
  },
};
