/**
 * A picture and a sound for who has no camera: a clock and a pip with each second, given to the producer as its
 * `srcObject`. A page that offers it has a button `#test-picture` and a text `#about-picture`.
 */
const producer = document.querySelector('media-producer');
const button = document.querySelector('#test-picture');
const about = document.querySelector('#about-picture');
const offered = [button.textContent, about.textContent];
let made = null;

button.addEventListener('click', () => (made ? useDevices() : useTestPicture()));

function useTestPicture() {
  // A take that runs is finished and kept.
  producer.stop();
  made = testPicture();
  producer.srcObject = made.stream;
  button.textContent = 'End the test picture';
  about.textContent = 'This is a test picture: drawn by this page, with a pip each second.';
}

/** Back to what the producer's attributes ask for. */
export function useDevices() {
  if (!made) return;
  producer.srcObject = null;
  made.end();
  made = null;
  [button.textContent, about.textContent] = offered;
}

const [WIDTH, HEIGHT, FRAMES] = [1280, 720, 30];
const BARS = ['#c8c8c8', '#c8c800', '#00c8c8', '#00c800', '#c800c8', '#c80000', '#0000c8'];

function testPicture() {
  const canvas = Object.assign(document.createElement('canvas'), { width: WIDTH, height: HEIGHT });
  const context = canvas.getContext('2d', { alpha: false });
  const stream = canvas.captureStream();
  const sound = pips();
  stream.addTrack(sound.destination.stream.getAudioTracks()[0]);
  let drawn = 0;
  // A page behind another one has slow timers; a worker has not.
  const ticks = new Worker(new URL('ticks.worker.js', import.meta.url));
  ticks.addEventListener('message', () => {
    const frame = Math.floor((performance.now() * FRAMES) / 1000);
    // What has queued up behind a blocked page is one picture.
    if (frame > drawn) draw(context, new Date());
    drawn = frame;
  });
  ticks.postMessage(1000 / FRAMES);
  draw(context, new Date());
  return {
    stream,
    end() {
      ticks.terminate();
      stream.getTracks().forEach((track) => track.stop());
      void sound.context.close();
    },
  };
}

/** Bars, the time of day, and a dot that goes round once a second. */
function draw(context, now) {
  context.fillStyle = '#14181c';
  context.fillRect(0, 0, WIDTH, HEIGHT);
  BARS.forEach((colour, bar) => {
    context.fillStyle = colour;
    context.fillRect((bar * WIDTH) / BARS.length, HEIGHT - 72, WIDTH / BARS.length + 1, 72);
  });

  const [x, y, radius] = [WIDTH / 2, (HEIGHT - 72) / 2, 250];
  const angle = (now.getMilliseconds() / 1000 - 0.25) * 2 * Math.PI;
  context.lineWidth = 8;
  context.strokeStyle = '#3b434b';
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.stroke();
  context.fillStyle = '#ffffff';
  context.beginPath();
  context.arc(x + radius * Math.cos(angle), y + radius * Math.sin(angle), 22, 0, 2 * Math.PI);
  context.fill();

  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.font = '600 44px system-ui, sans-serif';
  context.fillText('Test picture', x, y - 90);
  context.font = '600 88px ui-monospace, monospace';
  context.fillText(now.toTimeString().slice(0, 8), x, y + 10);
}

/** A tenth of a second of 1 kHz at the full second, for those who record, and no loudspeaker. */
function pips() {
  const context = new AudioContext();
  const rate = context.sampleRate;
  const buffer = new AudioBuffer({ length: rate, sampleRate: rate });
  const samples = buffer.getChannelData(0).subarray(0, rate / 10);
  samples.forEach((_, at) => {
    const swell = Math.sin((Math.PI * at) / samples.length);
    samples[at] = 0.25 * swell * Math.sin((2 * Math.PI * 1000 * at) / rate);
  });
  const destination = new MediaStreamAudioDestinationNode(context);
  const source = new AudioBufferSourceNode(context, { buffer, loop: true });
  source.connect(destination);
  source.start(context.currentTime + 1 - new Date().getMilliseconds() / 1000);
  return { context, destination };
}
