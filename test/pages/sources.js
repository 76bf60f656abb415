/**
 * Pictures and sounds whose truth is known, as MediaStreams. Each answers `{ stream, ...controls }`.
 */

export function canvas(width, height) {
  const element = document.createElement('canvas');
  element.width = width;
  element.height = height;
  element.className = 'source';
  document.body.append(element);
  return { element, context: element.getContext('2d', { alpha: false }) };
}

/** Sound from the page itself; a suspended context stands for a microphone that delivers nothing. */
export function tone({ running = true, level = 0.1, frequency = 1000 } = {}) {
  const audio = new AudioContext({ sampleRate: 48000 });
  const destination = audio.createMediaStreamDestination();
  const gain = new GainNode(audio, { gain: level });
  const oscillator = new OscillatorNode(audio, { frequency });
  oscillator.connect(gain).connect(destination);
  oscillator.start();
  if (!running) void audio.suspend();
  return { audio, gain, oscillator, track: destination.stream.getAudioTracks()[0] };
}

/** Any sound that runs: without a sound card Firefox runs no context, but its fake microphone speaks. */
async function anySound() {
  if (!navigator.userAgent.includes('Firefox')) return tone();
  return { track: await microphone() };
}

/** Firefox's fake one was not found once in some hundreds of starts, on a machine that was busy; it is there by the next. */
async function microphone(tries = 5) {
  try {
    return (await navigator.mediaDevices.getUserMedia({ audio: true })).getAudioTracks()[0];
  } catch (error) {
    if (error.name !== 'NotFoundError' || tries <= 1) throw error;
    await new Promise((resolve) => setTimeout(resolve, 200));
    return microphone(tries - 1);
  }
}

/** A sound that says when it was made: a tone of 400 Hz and 100 more for each second of the time of day, modulo 64. */
export function rising() {
  const { audio, oscillator, track } = tone();
  const now = audio.currentTime;
  const from = 400 + 100 * ((Date.now() / 1000) % 64);
  oscillator.frequency.setValueAtTime(from, now);
  oscillator.frequency.linearRampToValueAtTime(from + 6000, now + 60);
  return { audio, stream: new MediaStream([track]) };
}

/** Time of day in milliseconds, modulo 2^24, as 24 black and white cells and 8 of a checksum, 16 pixels each. */
export function drawClock(context, now = Date.now()) {
  const time = now % 2 ** 24;
  const check = ((time >> 16) + (time >> 8) + time) & 0xff;
  for (let bit = 0; bit < 32; bit++) {
    const on = bit < 24 ? (time >> (23 - bit)) & 1 : ((check ^ 0x5a) >> (31 - bit)) & 1;
    context.fillStyle = on ? '#fff' : '#000';
    context.fillRect(bit * 16, 0, 16, 16);
  }
}

/** A picture that says when it was made, over something that moves. */
export async function clock({ width = 640, height = 360, rate = 20, sound = true } = {}) {
  const { element, context } = canvas(width, height);
  let frame = 0;
  const draw = () => {
    frame++;
    context.fillStyle = '#246';
    context.fillRect(0, 16, width, height - 16);
    for (let i = 0; i < 60; i++) {
      context.fillStyle = `hsl(${(i * 37 + frame * 5) % 360} 70% 50%)`;
      context.fillRect((i * 53 + frame * 7) % width, 32 + ((i * 97 + frame * 3) % (height - 64)), 24, 24);
    }
    drawClock(context);
  };
  draw();
  setInterval(draw, 1000 / rate);
  const stream = element.captureStream();
  const audio = sound ? await anySound() : null;
  if (audio) stream.addTrack(audio.track);
  return {
    stream,
    audio,
    resize: (w, h) => {
      element.width = width = w;
      element.height = height = h;
      draw();
    },
  };
}

/** A white square of half the shorter side in the middle of a plain picture, whose size may change. */
export async function square({ width = 640, height = 360 } = {}) {
  const { element, context } = canvas(width, height);
  let frame = 0;
  const draw = () => {
    const side = Math.min(width, height) / 2;
    context.fillStyle = '#48a';
    context.fillRect(0, 0, width, height);
    context.fillStyle = '#fff';
    context.fillRect((width - side) / 2, (height - side) / 2, side, side);
    // A canvas that stays the same yields no frames.
    context.fillStyle = frame++ % 2 ? '#48a' : '#47a';
    context.fillRect(0, 0, 16, 16);
  };
  draw();
  setInterval(draw, 1000 / 30);
  const stream = element.captureStream();
  stream.addTrack((await anySound()).track);
  return {
    stream,
    resize: (w, h) => {
      element.width = width = w;
      element.height = height = h;
      draw();
    },
  };
}

/** A picture that an encoder has to work for, made off the page as a camera's is (Chromium), with a tone. */
export function room() {
  const generator = new MediaStreamTrackGenerator({ kind: 'video' });
  const worker = new Worker('/pages/room.worker.js');
  worker.postMessage(generator.writable, [generator.writable]);
  const { audio, track } = tone();
  return { stream: new MediaStream([generator, track]), audio };
}

/** A camera off the page (Chromium) with a tone; its clock begins anew when it is told to, as that of a shared tab may. */
export function anew() {
  const generator = new MediaStreamTrackGenerator({ kind: 'video' });
  const worker = new Worker('/pages/camera.worker.js');
  worker.postMessage(generator.writable, [generator.writable]);
  const { audio, track } = tone();
  return { stream: new MediaStream([generator, track]), audio, beginAnew: () => worker.postMessage('anew') };
}

export const CARD = ['#ffffff', '#bfbf00', '#00bfbf', '#00bf00', '#bf00bf', '#bf0000', '#0000bf', '#101010'];

/** Eight bars of colour. One corner changes, since a canvas that stays the same yields no frames. */
export async function card({ width = 640, height = 480 } = {}) {
  const { element, context } = canvas(width, height);
  let frame = 0;
  const draw = () => {
    CARD.forEach((colour, bar) => {
      context.fillStyle = colour;
      context.fillRect((bar * width) / CARD.length, 0, width / CARD.length, height);
    });
    context.fillStyle = frame++ % 2 ? '#000' : '#222';
    context.fillRect(0, 0, 16, 16);
  };
  draw();
  setInterval(draw, 1000 / 30);
  const stream = element.captureStream();
  stream.addTrack((await anySound()).track);
  return { stream };
}

/** A picture that is drawn once, with a tone. */
export function still({ width = 640, height = 360 } = {}) {
  const { element, context } = canvas(width, height);
  const stream = element.captureStream();
  context.fillStyle = '#246';
  context.fillRect(0, 0, width, height);
  stream.addTrack(tone().track);
  return { stream };
}

/** A slide that stands still until `turn()`: then the card takes its place, behind one picture between them. */
export function slides({ width = 640, height = 360 } = {}) {
  const { element, context } = canvas(width, height);
  const stream = element.captureStream();
  const fill = (colour) => {
    context.fillStyle = colour;
    context.fillRect(0, 0, width, height);
  };
  fill('#246');
  stream.addTrack(tone().track);
  const turn = () => {
    fill('#c00');
    setTimeout(() => {
      CARD.forEach((colour, bar) => {
        context.fillStyle = colour;
        context.fillRect((bar * width) / CARD.length, 0, width / CARD.length, height);
      });
    }, 50);
  };
  return { stream, turn };
}

/** Once a second a white picture and, in the same breath, a beep; both last 100 ms. */
export function flash({ width = 640, height = 480 } = {}) {
  const { element, context } = canvas(width, height);
  const { audio, gain, track } = tone({ level: 0 });
  let until = 0;
  let next = performance.now() + 1000;
  let frame = 0;
  const draw = () => {
    const now = performance.now();
    if (now >= next) {
      next += 1000;
      until = now + 100;
      gain.gain.setValueAtTime(0.8, audio.currentTime);
      gain.gain.setValueAtTime(0, audio.currentTime + 0.1);
    }
    context.fillStyle = now < until ? '#fff' : '#000';
    context.fillRect(0, 0, width, height);
    context.fillStyle = frame++ % 2 ? '#444' : '#666';
    context.fillRect(0, 0, 16, 16);
  };
  draw();
  setInterval(draw, 1000 / 30);
  const stream = element.captureStream();
  stream.addTrack(track);
  return { stream };
}

/** Noise that no encoder can make small, so that bitrates are reached. */
export async function noise({ width = 640, height = 480 } = {}) {
  const { element, context } = canvas(width, height);
  const tiles = Array.from({ length: 8 }, () => {
    const image = context.createImageData(width, height);
    for (let at = 0; at < image.data.length; at += 65536) {
      crypto.getRandomValues(new Uint8Array(image.data.buffer, at, Math.min(65536, image.data.length - at)));
    }
    for (let at = 3; at < image.data.length; at += 4) image.data[at] = 255;
    return image;
  });
  let frame = 0;
  const draw = () => {
    context.putImageData(tiles[frame++ % tiles.length], 0, 0);
    drawClock(context);
  };
  draw();
  setInterval(draw, 1000 / 30);
  const stream = element.captureStream();
  stream.addTrack((await anySound()).track);
  return { stream };
}

/** A picture with a sound track on which nothing ever arrives. */
export async function deaf(options = {}) {
  const { stream } = await clock({ ...options, sound: false });
  stream.addTrack(tone({ running: false }).track);
  return { stream };
}

/** A film that the test server has, as a live stream; how Firefox comes to a beep that matches a flash. */
export async function film({ url }) {
  const video = document.createElement('video');
  video.src = url;
  video.loop = true;
  document.body.append(video);
  await new Promise((resolve) => video.addEventListener('canplaythrough', resolve, { once: true }));
  const stream = video.captureStream?.() ?? video.mozCaptureStream();
  await video.play();
  const end = () => {
    video.removeAttribute('src');
    video.load();
  };
  return { stream, endVideo: end, endSound: end };
}

/** A picture of the page with the sound of a film. */
export async function dubbed({ url, ...options }) {
  const { stream } = await clock({ ...options, sound: false });
  const { stream: sound, endSound } = await film({ url });
  stream.addTrack(sound.getAudioTracks()[0]);
  return { stream, endSound };
}

/** A picture with two sound tracks, a tone on each. */
export async function duet({ frequencies = [500, 1500], ...options } = {}) {
  const { stream } = await clock({ ...options, sound: false });
  for (const frequency of frequencies) stream.addTrack(tone({ frequency }).track);
  return { stream };
}

/** A picture with two microphones, whose sounds have to be mixed. */
export async function choir(options = {}) {
  const { stream } = await clock({ ...options, sound: false });
  for (let voice = 0; voice < 2; voice++) {
    stream.addTrack(await microphone());
  }
  return { stream };
}
