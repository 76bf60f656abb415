import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { WebmClock } from '../../../src/core/record/webm-clock.js';
import { seeded } from '../../support/fixtures.js';
import { readBack } from '../repair/take.js';

const fixture = async (name: string): Promise<Uint8Array> =>
  new Uint8Array(await readFile(new URL(`../../fixtures/mediarecorder-${name}.webm`, import.meta.url)));

function pieces(bytes: Uint8Array, most: number): Uint8Array[] {
  const random = seeded(5);
  const list: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + 1 + Math.floor(random() * most);
    list.push(bytes.subarray(at, end));
    at = end;
  }
  return list;
}

describe('the media time of a WebM that comes in pieces', () => {
  for (const name of ['firefox-vp8-opus', 'firefox-vp8', 'chromium-vp8-opus', 'chromium-vp9']) {
    it(`is that of its blocks, in pieces of any size: ${name}`, async () => {
      const bytes = await fixture(name);
      const { packets } = await readBack(bytes);
      const times = packets.map(({ pts }) => pts);
      const span = Math.max(...times) - Math.min(...times);
      for (const most of [1, 40, 5000, bytes.length]) {
        const clock = new WebmClock();
        let before = 0;
        for (const piece of pieces(bytes, most)) {
          clock.add(piece);
          assert.ok(clock.time >= before, 'it never goes back');
          before = clock.time;
        }
        assert.ok(clock.time >= span && clock.time < span + 0.11, `${clock.time} s of ${span}, pieces of ${most}`);
      }
    });
  }

  it('goes on with the recording behind, after a pause', async () => {
    const bytes = await fixture('firefox-vp8-opus');
    const [once, twice] = [new WebmClock(), new WebmClock()];
    once.add(bytes);
    for (const piece of [...pieces(bytes, 999), ...pieces(bytes, 999)]) twice.add(piece);
    assert.ok(Math.abs(twice.time - 2 * once.time) < 0.001, `${twice.time} of ${once.time}`);
  });

  it('counts what two recordings have in common once, and does not go back', async () => {
    const bytes = await fixture('firefox-vp8-opus');
    const [once, twice] = [new WebmClock(), new WebmClock()];
    once.add(bytes);
    twice.add(bytes);
    for (const [index, piece] of pieces(bytes, 999).entries()) {
      const before = twice.time;
      twice.add(piece, index === 0 ? 0.5 : 0);
      assert.ok(twice.time >= before);
    }
    assert.ok(Math.abs(twice.time - 2 * once.time + 0.5) < 0.001, `${twice.time} of ${once.time}`);
  });

  it('is 0 before the first block, and of what is no WebM', () => {
    const clock = new WebmClock();
    assert.equal(clock.time, 0);
    for (const piece of pieces(new Uint8Array(5000).fill(0), 100)) clock.add(piece);
    assert.equal(clock.time, 0);
  });
});
