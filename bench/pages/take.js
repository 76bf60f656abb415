import { contenders } from './contenders.js';

let contender = null;
let file = null;

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

  async send(name) {
    await fetch(`/put?name=${name}`, { method: 'PUT', body: file });
  },
};
