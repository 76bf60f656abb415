/** Functions that are run inside a page: each is handed over as text, and so uses nothing from around it. */

/**
 * Records with the elements of the page.
 * @param {{ seconds: number, producer?: object, recorder?: object, block?: number, put?: boolean }} settings
 */
export async function take({ seconds, producer: onProducer = {}, recorder: onRecorder = {}, block = 0, put = false }) {
  const tags = ['media-producer', 'stream-recorder', 'recording-library'];
  await Promise.all(tags.map((tag) => customElements.whenDefined(tag)));
  const [producer, recorder] = tags.map((tag) => document.querySelector(tag));
  for (const [name, value] of Object.entries(onProducer)) producer.setAttribute(name, value);
  for (const [name, value] of Object.entries(onRecorder)) recorder.setAttribute(name, value);
  const until = (least) =>
    new Promise((resolve, reject) => {
      const look = () => {
        if (recorder.duration >= least) resolve();
        else if (recorder.state === 'failed' || recorder.state === 'idle') reject(recorder.error);
      };
      for (const type of ['oa-progress', 'oa-statechange']) recorder.addEventListener(type, look);
      look();
    });
  try {
    await producer.start();
    await recorder.start();
    const { activeEngine: engine, activeFormat: format, guarantee } = recorder;
    await until(seconds);
    if (block > 0) {
      const end = performance.now() + block * 1000;
      while (performance.now() < end);
      await until(recorder.duration + 1);
    }
    const { mimeType, duration } = await recorder.stop();
    if (put) await fetch('/put', { method: 'POST', body: await recorder.recording.file() });
    return { engine, format, guarantee: { ...guarantee }, mimeType, duration };
  } catch (error) {
    return { code: error?.code ?? String(error) };
  } finally {
    producer.stop();
  }
}

/** Waits until the newest recording is finished, then plays it and seeks to 80 % of it. */
export async function play() {
  await customElements.whenDefined('recording-library');
  const library = document.querySelector('recording-library');
  const recording = await new Promise((resolve) => {
    const look = () => {
      const [newest] = library.recordings;
      if (newest && !['recording', 'finishing', 'interrupted'].includes(newest.state)) resolve(newest);
    };
    library.addEventListener('oa-recordingschange', look);
    look();
  });
  const { state, duration, mimeType } = recording;
  const video = document.createElement('video');
  const heard = (type) =>
    new Promise((resolve, reject) => {
      video.addEventListener(type, resolve, { once: true });
      video.addEventListener('error', () => reject(new Error(video.error.message)), { once: true });
    });
  try {
    video.muted = true;
    video.src = URL.createObjectURL(await recording.file());
    await heard('loadeddata');
    const shown = video.duration;
    await Promise.all([heard('seeked'), (video.currentTime = shown * 0.8)]);
    const folder = await navigator.storage
      .getDirectory()
      .then((root) => root.getDirectoryHandle('onair-elements'))
      .catch(() => null);
    return { state, duration, mimeType, shown, plays: true, storage: folder ? 'OPFS' : 'IndexedDB' };
  } catch (error) {
    return { state, duration, mimeType, plays: false, why: String(error) };
  }
}

/** Waits until the take that runs has gone on for `seconds`, stops it and hands it over. */
export async function finish({ seconds }) {
  const recorder = document.querySelector('stream-recorder');
  const least = recorder.duration + seconds;
  await new Promise((resolve) => {
    const look = () => recorder.duration >= least && resolve();
    recorder.addEventListener('oa-progress', look);
    look();
  });
  const recording = await recorder.stop();
  await fetch('/put', { method: 'POST', body: await recording.file() });
}

/** Starts a take and answers while it runs, at the moment its counter moves: seconds of media, and when that was. */
export async function running({ until, producer: onProducer = {} }) {
  const tags = ['media-producer', 'stream-recorder'];
  await Promise.all(tags.map((tag) => customElements.whenDefined(tag)));
  const [producer, recorder] = tags.map((tag) => document.querySelector(tag));
  for (const [name, value] of Object.entries(onProducer)) producer.setAttribute(name, value);
  await producer.start();
  await recorder.start();
  return new Promise((resolve) => {
    recorder.addEventListener(
      'oa-progress',
      () => recorder.duration >= until && resolve({ counted: recorder.duration, at: Date.now() }),
    );
  });
}

/** Waits for what the press of a button led to, and records it. */
export async function shareScreen() {
  const [producer, recorder] = ['media-producer', 'stream-recorder'].map((tag) => document.querySelector(tag));
  await new Promise((resolve) => {
    const look = () => ['live', 'failed'].includes(producer.state) && resolve();
    producer.addEventListener('oa-statechange', look);
    look();
  });
  if (producer.state === 'failed') return { code: producer.error.code };
  await recorder.start();
  await new Promise((resolve) => {
    const look = () => recorder.duration >= 0.5 && resolve();
    recorder.addEventListener('oa-progress', look);
    look();
  });
  const { mimeType } = await recorder.stop();
  producer.stop();
  return { mimeType };
}
