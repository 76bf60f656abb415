import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { Mp4Clock } from '../../../src/core/record/mp4-clock.js';
import { readBack } from '../repair/take.js';

const fixture = async (name: string): Promise<Uint8Array> =>
  new Uint8Array(await readFile(new URL(`../../fixtures/mediarecorder-${name}.mp4`, import.meta.url)));

async function feed(clock: Mp4Clock, bytes: Uint8Array, most: number): Promise<void> {
  let before = clock.time;
  for (let at = 0; at < bytes.length; at += most) {
    clock.add(bytes.subarray(at, at + most));
    assert.ok(clock.time >= before, 'it never goes back');
    before = clock.time;
  }
}

describe('the media time of a fragmented MP4 that comes in pieces', () => {
  for (const name of ['chromium-avc-opus', 'chromium-avc']) {
    it(`is that of its samples, in pieces of any size: ${name}`, async () => {
      const bytes = await fixture(name);
      const { packets } = await readBack(bytes);
      const span = Math.max(...packets.map(({ pts }) => pts)) - Math.min(...packets.map(({ pts }) => pts));
      for (const most of [7, 1000, bytes.length]) {
        const clock = new Mp4Clock();
        await feed(clock, bytes, most);
        assert.ok(clock.time >= span && clock.time < span + 0.11, `${clock.time} s of ${span}, pieces of ${most}`);
      }
    });
  }

  it('goes on with the recording behind, after a pause', async () => {
    const bytes = await fixture('chromium-avc-opus');
    const [once, twice] = [new Mp4Clock(), new Mp4Clock()];
    await feed(once, bytes, bytes.length);
    await feed(twice, bytes, 999);
    await feed(twice, bytes, 999);
    assert.ok(Math.abs(twice.time - 2 * once.time) < 0.001, `${twice.time} of ${once.time}`);
  });

  it('is 0 of what is no MP4', async () => {
    const clock = new Mp4Clock();
    await feed(clock, new Uint8Array(5000).fill(3), 100);
    assert.equal(clock.time, 0);
  });
});
