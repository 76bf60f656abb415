/**
 * Whoever takes part, behind one face: `start()`, `bytes` (recorded so far), `stop()` (answers the file as its user gets it).
 * Each is made of a setup `{ width, height, rate, format, videoBitrate, mimeType, quality }`; `mimeType` is for those who do
 * not choose codecs themselves, `quality` for those who adapt it.
 */

const SLICE = 1000;

/** `<media-producer>` and `<stream-recorder>`, as a page uses them. */
function onair(engine, { preview = false } = {}) {
  return async ({ width, height, rate, format, videoBitrate, quality = 'fixed' }) => {
    const producer = create('media-producer', {
      width,
      height,
      'frame-rate': rate,
      'no-controls': true,
      'no-preview': !preview,
      // What is compared is compared at one bitrate, unless what is compared is how it is changed.
      quality,
    });
    const recorder = create('stream-recorder', { engine, format, 'video-bitrate': videoBitrate });
    producer.append(recorder);
    document.body.append(producer);
    await producer.start();
    return {
      start: () => recorder.start(),
      get bytes() {
        return recorder.size;
      },
      get mimeType() {
        return recorder.recording?.mimeType;
      },
      stop: async () => (await recorder.stop()).file(),
      clear: () => recorder.recording.remove(),
    };
  };
}

/** MediaRecorder, whose chunks are kept in an array as most pages do, or dropped as they come. */
function mediaRecorder({ keep }) {
  return async (setup) => {
    const recorder = new MediaRecorder(await camera(setup), options(setup));
    const chunks = [];
    let bytes = 0;
    recorder.ondataavailable = ({ data }) => {
      bytes += data.size;
      if (keep) chunks.push(data);
    };
    return {
      start: () => event(recorder, 'start', () => recorder.start(SLICE)),
      get bytes() {
        return bytes;
      },
      async stop() {
        await event(recorder, 'stop', () => recorder.stop());
        return keep ? new Blob(chunks, { type: recorder.mimeType }) : null;
      },
    };
  };
}

/** With time slices, because without them it does not tell how much it has recorded. */
async function recordRtc(setup) {
  let bytes = 0;
  const recorder = new globalThis.RecordRTC(await camera(setup), {
    type: 'video',
    ...options(setup),
    timeSlice: SLICE,
    ondataavailable: ({ size }) => (bytes += size),
    disableLogs: true,
  });
  return {
    start: () => recorder.startRecording(),
    get bytes() {
      return bytes;
    },
    async stop() {
      await new Promise((resolve) => recorder.stopRecording(resolve));
      return recorder.getBlob();
    },
    /** Its own way to a file that can be seeked. */
    seekable: (blob) => new Promise((resolve) => globalThis.RecordRTC.getSeekableBlob(blob, resolve)),
  };
}

/** A camera that nobody records: what the rest costs. */
async function nobody(setup) {
  await camera(setup);
  return { start() {}, bytes: 0, stop: () => null };
}

export const contenders = {
  onair: onair('webcodecs'),
  'onair with preview': onair('webcodecs', { preview: true }),
  'onair fallback': onair('mediarecorder'),
  array: mediaRecorder({ keep: true }),
  bare: mediaRecorder({ keep: false }),
  RecordRTC: recordRtc,
  nobody,
};

const camera = ({ width, height, rate }) =>
  navigator.mediaDevices.getUserMedia({ video: { width, height, frameRate: rate }, audio: true });

const options = ({ mimeType, videoBitrate }) => ({ mimeType, videoBitsPerSecond: videoBitrate });

function create(tag, attributes) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : String(value));
  }
  return element;
}

function event(target, type, act) {
  const happened = new Promise((resolve) => target.addEventListener(type, resolve, { once: true }));
  act();
  return happened;
}
