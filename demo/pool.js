/** Both hold from the next start on. */
const producers = document.querySelectorAll('media-producer');

document.querySelector('#source').addEventListener('change', ({ target }) => {
  const [video, audio] = target.value.split(' ');
  for (const producer of producers) {
    producer.stop();
    Object.assign(producer, { video, audio });
  }
});

document.querySelector('#keep').addEventListener('change', ({ target }) => {
  for (const producer of producers) producer.keepWarm = target.valueAsNumber || 0;
});
