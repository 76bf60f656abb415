/**
 * Put before the code of a page: its camera is one that promises 30 frames a second, and gives as many as
 * `globalThis.setCameraRate()` says.
 */
{
  const { getSettings } = MediaStreamTrack.prototype;
  const ofCamera = { groupId: 'injected', deviceId: 'injected', frameRate: 30 };
  MediaStreamTrack.prototype.getSettings = function () {
    const settings = getSettings.call(this);
    return this.kind === 'video' ? { ...settings, ...ofCamera } : settings;
  };

  /** Off the page, as cameras are. */
  function madeByWorker() {
    const generator = new MediaStreamTrackGenerator({ kind: 'video' });
    const worker = new Worker('/pages/camera.worker.js');
    worker.postMessage(generator.writable, [generator.writable]);
    globalThis.setCameraRate = (rate) => worker.postMessage(rate);
    return generator;
  }

  /** Every so many of the 60 frames that a page has in a second. */
  function drawn() {
    const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 240 });
    document.body.append(canvas);
    const context = canvas.getContext('2d', { alpha: false });
    let [frame, every] = [0, 2];
    globalThis.setCameraRate = (rate) => (every = Math.round(60 / rate));
    requestAnimationFrame(function draw() {
      if (frame++ % every === 0) {
        context.fillStyle = `hsl(${frame % 360} 60% 50%)`;
        context.fillRect(0, 0, canvas.width, canvas.height);
      }
      requestAnimationFrame(draw);
    });
    return canvas.captureStream().getVideoTracks()[0];
  }

  const { getUserMedia } = MediaDevices.prototype;
  MediaDevices.prototype.getUserMedia = async function ({ video, audio } = {}) {
    const stream = audio ? await getUserMedia.call(this, { audio }) : new MediaStream();
    if (video) stream.addTrack(globalThis.MediaStreamTrackGenerator ? madeByWorker() : drawn());
    return stream;
  };
}
