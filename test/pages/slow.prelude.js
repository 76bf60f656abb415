/**
 * Put before the code of the take's worker: its encoder and its disk become slow when the page says so.
 *
 *     new BroadcastChannel('slow').postMessage({ encoder: 80, disk: 2.5 });
 */
{
  /** Milliseconds that the encoder needs for each picture; times as long as between two writes that one takes. */
  const slow = { encoder: 0, disk: 0 };
  new BroadcastChannel('slow').onmessage = ({ data }) => Object.assign(slow, data);

  if (globalThis.VideoEncoder) {
    const { encode, flush } = VideoEncoder.prototype;
    const size = Object.getOwnPropertyDescriptor(VideoEncoder.prototype, 'encodeQueueSize').get;
    const queues = new WeakMap();
    const queueOf = (encoder) => queues.get(encoder) ?? [];
    const work = (encoder, queue) =>
      setTimeout(() => {
        const { frame, options, done } = queue.shift();
        if (encoder.state === 'configured') encode.call(encoder, frame, options);
        frame.close();
        done();
        if (queue.length > 0) work(encoder, queue);
      }, slow.encoder);

    VideoEncoder.prototype.encode = function (frame, options) {
      const queue = queueOf(this);
      if (slow.encoder === 0 && queue.length === 0) return encode.call(this, frame, options);
      queues.set(this, queue);
      const given = { frame: frame.clone(), options };
      given.over = new Promise((resolve) => (given.done = resolve));
      if (queue.push(given) === 1) work(this, queue);
    };
    VideoEncoder.prototype.flush = async function () {
      await queueOf(this).at(-1)?.over;
      return flush.call(this);
    };
    Object.defineProperty(VideoEncoder.prototype, 'encodeQueueSize', {
      get() {
        return size.call(this) + queueOf(this).length;
      },
    });
  }

  const { write } = FileSystemSyncAccessHandle.prototype;
  let ended = performance.now();
  FileSystemSyncAccessHandle.prototype.write = function (bytes, options) {
    const wait = Math.round(Math.min(3000, slow.disk * (performance.now() - ended)));
    if (wait > 0) {
      const request = new XMLHttpRequest();
      // A request for what another one is being asked for would wait for it.
      request.open('GET', `${location.origin}/wait?ms=${wait}&${Math.random()}`, false);
      request.send();
    }
    const written = write.call(this, bytes, options);
    ended = performance.now();
    return written;
  };
}
