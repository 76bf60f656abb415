import { Viewer } from './viewer.js';

/** The player follows the publisher: it asks for the broadcast whenever that is live. */
const publisher = document.querySelector('stream-publisher');
const video = document.querySelector('#viewer');
const viewing = document.querySelector('#viewing');
const kill = document.querySelector('#kill');
const verdict = document.querySelector('#verdict');

const viewer = new Viewer('/whep/demo', (stream) => {
  video.srcObject = stream;
  viewing.textContent = stream ? 'Playing what the server sends.' : 'Waiting for the server.';
});

publisher.addEventListener('oa-statechange', ({ state, previous }) => {
  if (state === 'live') viewer.start();
  else if (state !== 'recovering') {
    viewer.stop();
    viewing.textContent = 'Nobody is live.';
  }
  if (state === 'live' && previous === 'recovering') verdict.textContent = 'It came back by itself.';
});

kill.addEventListener('click', async () => {
  const answer = await fetch('/kill?seconds=5', { method: 'POST' }).catch(() => null);
  const watched = ['live', 'recovering'].includes(publisher.state);
  verdict.textContent = !answer?.ok
    ? 'The server was not killed: it is gone already, or this is not the demo of npm start.'
    : watched
      ? 'The server is gone for five seconds.'
      : 'The server is gone for five seconds, and nobody was live. Go live before, and see it taken up again.';
});
