/** One take, which nothing of is shown, and one contender that watches the page. */
let producer = null;

function meter(view) {
  const element = document.createElement('perf-meter');
  Object.assign(element, { view, producer });
  document.body.append(element);
}

/** As its documents tell: begin, end or update with each frame of the page. */
function eachFrame(stats, work) {
  document.body.append(stats.dom);
  requestAnimationFrame(function frame() {
    work();
    requestAnimationFrame(frame);
  });
}

const contenders = {
  nothing: () => {},
  compact: () => meter('compact'),
  full: () => meter('full'),
  'stats.js': async () => {
    // No module.
    const script = Object.assign(document.createElement('script'), { src: '/peers/stats.js/build/stats.min.js' });
    await new Promise((resolve) => {
      script.onload = resolve;
      document.head.append(script);
    });
    const stats = new globalThis.Stats();
    eachFrame(stats, () => {
      stats.begin();
      stats.end();
    });
  },
  'stats-gl': async () => {
    const { default: Stats } = await import('/peers/stats-gl/dist/main.js');
    const stats = new Stats({ trackGPU: false });
    const canvas = document.createElement('canvas');
    document.body.append(canvas);
    await stats.init(canvas);
    eachFrame(stats, () => {
      stats.begin();
      stats.end();
      stats.update();
    });
  },
};

/** What Node calls: records, and has it watched by this contender. */
globalThis.open = async (name) => {
  producer = document.createElement('media-producer');
  const recorder = document.createElement('stream-recorder');
  Object.assign(producer, { noPreview: true, noControls: true, width: 640, height: 480, hidden: true });
  Object.assign(recorder, { format: 'mp4', hidden: true });
  producer.append(recorder);
  document.body.append(producer);
  await producer.updateComplete;
  await producer.start();
  await recorder.start();
  await contenders[name]();
};
