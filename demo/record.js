import { useDevices } from './test-picture.js';

/** Settings become attributes; they hold from the next start on. */
const producer = document.querySelector('media-producer');
const recorder = document.querySelector('stream-recorder');
const settings = document.querySelector('#settings');

settings.addEventListener('change', ({ target: { name, value } }) => {
  if (name === 'source') {
    const [video, audio] = value.split(' ');
    producer.video = video;
    producer.audio = audio;
    useDevices();
    // A take that runs is finished and kept.
    producer.stop();
  } else if (value) recorder.setAttribute(name, value);
  else recorder.removeAttribute(name);
});
settings.addEventListener('submit', (event) => event.preventDefault());

const devices = document.querySelector('#devices');
devices.addEventListener('change', ({ target: { name, value } }) => {
  if (value) producer.setAttribute(name, value);
  else producer.removeAttribute(name);
});
devices.addEventListener('submit', (event) => event.preventDefault());

/** Told whenever something is plugged in or out. */
producer.addEventListener('oa-devicechange', ({ devices }) => {
  const count = (kind) => devices.filter((device) => device.kind === kind).length;
  const some = (number, word) => `${number} ${word}${number === 1 ? '' : 's'}`;
  document.querySelector('#known').textContent =
    `${some(count('videoinput'), 'camera')}, ${some(count('audioinput'), 'microphone')}.`;
});

/** What a server would get. Here nothing is sent. */
document.querySelector('#take').addEventListener('submit', (event) => {
  event.preventDefault();
  const file = new FormData(event.target).get('file');
  const size = (file.size / 1e6).toFixed(1);
  event.target.querySelector('output').textContent = `${file.name}, ${size} MB. This page sends it nowhere.`;
});
