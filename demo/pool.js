/** How long devices stay open holds from the next start on. */
const producers = document.querySelectorAll('media-producer');

document.querySelector('#keep').addEventListener('change', ({ target }) => {
  for (const producer of producers) producer.keepWarm = target.valueAsNumber || 0;
});
