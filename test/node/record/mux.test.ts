import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Mux } from '../../../src/core/record/mux.js';
import { settle } from './codec-fakes.js';

const META = { decoderConfig: { codec: 'vp8', codedWidth: 64, codedHeight: 48 } };

function mux() {
  const disk = { wait: null as Promise<void> | null, bytes: 0, failure: null as Error | null, failed: [] as unknown[] };
  const made = new Mux(
    'webm',
    { video: 'vp8', audio: null },
    async (bytes) => {
      await disk.wait;
      if (disk.failure) throw disk.failure;
      disk.bytes += bytes.byteLength;
    },
    (thrown) => disk.failed.push(thrown),
  );
  let frames = 0;
  /** Key frames of 1 MB, one a second, so that each is a cluster of its own. */
  const add = (count: number) => {
    for (let frame = 0; frame < count; frame++, frames++) {
      made.addVideo({ data: new Uint8Array(2 ** 20), key: true, timestamp: frames, duration: 1 }, META);
    }
  };
  return { mux: made, disk, add };
}

describe('the muxer', () => {
  it('tells when more waits for the disk than it is to hold, and when that has been written', async () => {
    const { mux: made, disk, add } = mux();
    await made.start();
    add(40);
    await settle();
    assert.equal(made.full, false, 'a disk that keeps up is never full');

    let resume = () => {};
    disk.wait = new Promise((resolve) => (resume = resolve));
    add(20);
    await settle();
    assert.equal(made.full, false, '20 MB may wait');
    add(20);
    await settle();
    assert.equal(made.full, true);
    disk.wait = null;
    resume();
    await settle();
    assert.equal(made.full, false);
    assert.equal(await made.finish(), true);
    assert.ok(disk.bytes > 80 * 2 ** 20);
  });

  it('tells a write that fails once, and takes what comes after it without holding it', async () => {
    const { mux: made, disk, add } = mux();
    await made.start();
    disk.failure = new Error('full');
    add(60);
    await settle();
    assert.deepEqual(disk.failed.map(String), ['Error: full']);
    assert.equal(made.full, false);
    assert.equal(await made.finish(), false);
  });
});
