/** A page that answers slowly, moves what it shows, and has a worker that holds a lot. */
document.querySelector('button').addEventListener('click', () => {
  const until = performance.now() + 200;
  while (performance.now() < until);
});

/** Of all monitors the next wait for a measure of the whole page: a second and a half, where it is five minutes in the mean. */
Math.random = () => 0.005;

globalThis.take = {
  /** By a word above it. */
  shift() {
    const word = document.createElement('p');
    word.textContent = 'More';
    word.style.blockSize = '20vh';
    document.body.prepend(word);
  },

  /** Starts a worker with so many bytes of numbers; resolves once it has them. */
  hold(bytes) {
    const worker = new Worker('/pages/holder.worker.js');
    return new Promise((resolve) => {
      worker.onmessage = resolve;
      worker.postMessage(bytes);
    });
  },
};
