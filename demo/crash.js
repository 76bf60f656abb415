/** The button that ends this tab in the middle of a take, and what is told about it on the next visit. */
const recorder = document.querySelector('stream-recorder');
const library = document.querySelector('recording-library');
const button = document.querySelector('#crash');
const verdict = document.querySelector('#verdict');

recorder.addEventListener('oa-statechange', () => {
  button.disabled = recorder.state !== 'recording';
});

const counter = 'onair-demo-counter';

button.addEventListener('click', () => {
  localStorage.setItem(counter, recorder.duration.toFixed(1));
  try {
    const depth = 100_000;
    document.querySelector(':not('.repeat(depth) + 'a' + ')'.repeat(depth));
  } catch {
    // This browser refuses the selector and lives on.
  }
  location.reload();
});

library.addEventListener('oa-recovered', ({ recording }) => {
  const counted = localStorage.getItem(counter);
  localStorage.removeItem(counter);
  const words = [`${recording.duration.toFixed(1)}\u00a0s are back.`];
  if (counted !== null) words.push(`The counter stood at ${counted}\u00a0s.`);
  verdict.textContent = words.join(' ');
});
