/** What the main thread of a page does (Chromium), by the DevTools protocol. */
import { seconds } from './take.mjs';

/** Milliseconds of processor that its tasks take in each second, over `length` seconds. */
export async function taskTime(tab, length) {
  const client = await tab.createCDPSession();
  // Of this thread, and not of what else the machine does meanwhile.
  await client.send('Performance.enable', { timeDomain: 'threadTicks' });
  const soFar = async () => {
    const { metrics } = await client.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration').value * 1000;
  };
  const before = await soFar();
  const began = performance.now();
  await seconds(length);
  const spent = ((await soFar()) - before) / ((performance.now() - began) / 1000);
  await client.detach();
  return spent;
}

/**
 * Bytes of JavaScript that it allocates in each second, over `length` seconds: garbage sooner or later, in a page that does
 * the same all the time. Sampled by V8, each kB or so, and with what was collected meanwhile.
 */
export async function allocated(tab, length) {
  const client = await tab.createCDPSession();
  await client.send('HeapProfiler.enable');
  await client.send('HeapProfiler.startSampling', {
    samplingInterval: 1024,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  });
  const began = performance.now();
  await seconds(length);
  const took = (performance.now() - began) / 1000;
  const { profile } = await client.send('HeapProfiler.stopSampling');
  await client.detach();
  const sum = ({ selfSize, children }) => children.reduce((bytes, child) => bytes + sum(child), selfSize);
  return sum(profile.head) / took;
}
