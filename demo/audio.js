/** Signals are given to the meters as an AudioNode. It leads to no loudspeaker: nobody has to hear them. */
const meters = [document.querySelector('#loudness'), document.querySelector('#peak')];
const generator = document.querySelector('#generator');
const RATE = 48_000;

const level = (decibels) => 10 ** (decibels / 20);
const sine =
  (frequency, phase = 0) =>
  (frame) =>
    Math.sin((2 * Math.PI * frequency * frame) / RATE + phase);
const tone = sine(1000);

/** Noise that falls by 3 dB an octave, by a row of filters (Paul Kellet's). */
function pink() {
  const poles = [0.99886, 0.99332, 0.969, 0.8665, 0.55, -0.7616];
  const gains = [0.0555179, 0.0750759, 0.153852, 0.3104856, 0.5329522, -0.016898];
  const kept = poles.map(() => 0);
  return () => {
    const white = Math.random() * 2 - 1;
    const sum = kept.reduce((sum, last, i) => sum + (kept[i] = poles[i] * last + gains[i] * white), 0);
    return 0.05 * (sum + white * 0.5362);
  };
}

/** Each of these goes round: channels, seconds, and what a frame is in a channel. */
const signals = {
  tone: [
    2,
    1,
    () => (frame) => level(-23) * tone(frame),
    'A tone of 1 kHz at −23 dBFS in both channels: M, S and I are −23.0 LUFS.',
  ],
  steps: [
    2,
    3,
    () => (frame) => level(frame < 1.34 * RATE ? -20 : -30) * tone(frame),
    'Case 9 of Tech 3341: M goes up and down, S stays at −23.0 LUFS after 3 s.',
  ],
  between: [
    2,
    1,
    () => (frame) => 1.41 * sine(RATE / 4, Math.PI / 4)(frame),
    'Case 19: no sample is above full scale, but what is between them is: +3.0 dBTP.',
  ],
  clipped: [
    2,
    1,
    () => (frame) => Math.max(-1, Math.min(1, 1.4 * tone(frame))),
    'A tone that is 3 dB too loud: every half wave clips.',
  ],
  pink: [2, 10, pink, 'Noise with as much power in each octave, another one in each channel.'],
  around: [
    6,
    6,
    (channel) => (frame) => (Math.floor(frame / RATE) === channel ? level(-18) * tone(frame) : 0),
    'Left, right, centre, effects, left and right surround. The effects do not count; surround counts 1.5 dB more.',
  ],
  silence: [2, 1, () => () => 0, 'Nothing but zeros. After 3 s that is a silence.'],
};

let context;
let source;

function play(name) {
  source?.stop();
  source = null;
  let sound = null;
  const signal = signals[name];
  if (signal) {
    const [channels, seconds, make] = signal;
    context ??= new AudioContext({ sampleRate: RATE });
    const buffer = new AudioBuffer({ numberOfChannels: channels, length: seconds * RATE, sampleRate: RATE });
    for (let channel = 0; channel < channels; channel++) {
      const at = make(channel);
      buffer.getChannelData(channel).forEach((_, frame, samples) => (samples[frame] = at(frame)));
    }
    source = new AudioBufferSourceNode(context, { buffer, loop: true });
    // What begins all at once overshoots between its first samples, which is a true peak, too.
    sound = new GainNode(context, { gain: 0 });
    sound.gain.setValueAtTime(0, context.currentTime);
    sound.gain.linearRampToValueAtTime(1, context.currentTime + 0.02);
    source.connect(sound);
    source.start();
  }
  for (const meter of meters) {
    meter.connectNode(sound);
    meter.hidden = !sound;
    meter.reset();
  }
  document.querySelector('#about').textContent = signal?.[3] ?? 'Stopped.';
  for (const button of generator.querySelectorAll('[value]:not([value=""])'))
    button.ariaPressed = String(button.value === name);
}

generator.addEventListener('submit', (event) => {
  event.preventDefault();
  play(event.submitter.value);
});

document.querySelector('#settings').addEventListener('change', ({ target: { name, value } }) => {
  const [loudness, peak] = meters;
  const wanted = name === 'mode' ? [peak] : name === 'orientation' ? meters : [loudness];
  for (const meter of wanted) {
    if (value) meter.setAttribute(name, value);
    else meter.removeAttribute(name);
  }
});
document.querySelector('#settings').addEventListener('submit', (event) => event.preventDefault());

/** The file stays on this device; the address lasts as long as it is needed. */
const player = document.querySelector('#file');
const unplayable = document.querySelector('#unplayable');
document.querySelector('#choose').addEventListener('change', ({ target: { files } }) => {
  if (!files[0]) return;
  URL.revokeObjectURL(player.src);
  unplayable.textContent = '';
  player.src = URL.createObjectURL(files[0]);
});
player.addEventListener('error', () => {
  unplayable.textContent = 'This browser cannot play that file. Choose another one.';
});
