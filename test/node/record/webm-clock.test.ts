import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { WebmClock } from '../../../src/core/record/webm-clock.js';
import { seeded } from '../../support/fixtures.js';
import { remux } from '../../../src/core/record/repair/index.js';
import { MemoryFile } from '../repair/memory-file.js';
import { readBack, readTake } from '../repair/take.js';

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

/** As if the encoder had left out, or been late with, half of the blocks: those are Voids then (RFC 9559, section 5.1.3.4). */
function withHoles(bytes: Uint8Array, blocks: readonly { start: number }[], seed: number): Uint8Array {
  const [SIMPLE_BLOCK, VOID] = [0xa3, 0xec];
  const [holed, random] = [bytes.slice(), seeded(seed)];
  let left = 0;
  for (const { start } of blocks.slice(1)) {
    if (left-- <= 0 && random() < 0.3) left = Math.floor(random() * 9);
    if (left < 0) continue;
    // In front of its data: a size of one to eight bytes, track, time and flags.
    const head = holed.subarray(start - 13, start - 5).lastIndexOf(SIMPLE_BLOCK);
    assert.ok(head >= 0);
    holed[start - 13 + head] = VOID;
  }
  return holed;
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
        const running = clock.time;
        clock.end();
        // By the bytes of its stamps, of which a decoder of Opus leaves out the first 6.5 ms.
        assert.ok(running >= span - 0.0066, `${running} s of ${span}`);
        assert.ok(running <= clock.time && running < span + 0.061, `${running} s of ${span}, pieces of ${most}`);
        assert.ok(clock.time > span && clock.time < span + 0.11, `${clock.time} s of ${span}, at its end`);
      }
    });

    it(`is that of the file which is made of it, wherever it ends and whatever is missing: ${name}`, async () => {
      const { finished, packets } = await readTake(await fixture(name), 'webm');
      const pictures = packets.filter(({ type }) => type === 'video');
      const sounds = packets.filter(({ type }) => type === 'audio');
      const random = seeded(7);
      for (let round = 0; round < 25; round++) {
        const holed = round === 0 ? finished : withHoles(withHoles(finished, pictures, round), sounds, -round);
        const { stop } = packets[Math.floor(packets.length * (0.2 + 0.8 * random()))]!;
        const bytes = holed.slice(0, stop);
        const clock = new WebmClock();
        for (const piece of pieces(bytes, 3000)) clock.add(piece);
        const running = clock.time;
        clock.end();
        const target = new MemoryFile();
        const { duration } = await remux(new MemoryFile(bytes), target);
        const told = (await readBack(target.bytes)).duration;
        const seen = `round ${round}, ${bytes.length} bytes: ${clock.time} s of ${duration}, ${told} in its head`;
        assert.ok(running <= clock.time, seen);
        // Less than what a decoder of Opus leaves out at first, and what a muxer may tell otherwise.
        assert.ok(Math.abs(clock.time - duration) < 0.01 && Math.abs(clock.time - told) < 0.03, seen);
      }
    });
  }

  for (const name of ['firefox-vp8-opus', 'chromium-vp8-opus']) {
    it(`is that of the file which is made of several, one behind the other or into its end: ${name}`, async () => {
      const { finished, packets } = await readTake(await fixture(name), 'webm');
      const random = seeded(11);
      /** One that ends somewhere, with holes. */
      const recording = (seed: number): Uint8Array => {
        const { stop } = packets[Math.floor(packets.length * (0.3 + 0.7 * random()))]!;
        return withHoles(finished, packets, seed).slice(0, stop);
      };
      for (let round = 0; round < 25; round++) {
        const clock = new WebmClock();
        const overlaps = new Map<number, number>();
        const file = new MemoryFile();
        let before = 0;
        for (let part = 0; part < 3; part++) {
          const bytes = part === 0 && round === 0 ? finished : recording(10 * round + part);
          const overlap = part > 0 && round % 2 > 0 ? 0.1 + 0.5 * random() : 0;
          if (overlap > 0) overlaps.set(file.size, overlap);
          for (const [index, piece] of pieces(bytes, 3000).entries()) {
            clock.add(piece, index === 0 ? overlap : 0);
            assert.ok(clock.time >= before, 'it never goes back');
            before = clock.time;
          }
          file.write(bytes, file.size);
        }
        clock.end();
        const { duration } = await remux(file, new MemoryFile(), { overlaps });
        const seen = `round ${round}: ${clock.time} s of ${duration}`;
        assert.ok(Math.abs(clock.time - duration) < 0.045, seen);
      }
    });
  }

  it('counts what two recordings have in common once, and of less than that nothing', async () => {
    const bytes = await fixture('firefox-vp8-opus');
    const timeOf = (...parts: [bytes: Uint8Array, overlap: number][]): number => {
      const clock = new WebmClock();
      for (const [part, overlap] of parts)
        for (const [index, piece] of pieces(part, 999).entries()) clock.add(piece, index === 0 ? overlap : 0);
      clock.end();
      return clock.time;
    };
    const once = timeOf([bytes, 0]);
    const near = (time: number, expected: number) =>
      assert.ok(Math.abs(time - expected) < 0.001, `${time} of ${expected}`);
    near(timeOf([bytes, 0], [bytes, 0]), 2 * once);
    // Into the end of its stamps, which are later than its sound by what a decoder leaves out at first.
    near(timeOf([bytes, 0], [bytes, 0.5]), 2 * once - 0.5 + 312 / 48_000);
    near(timeOf([bytes, 0], [bytes, 60]), once);
    near(timeOf([bytes, 0.5]), once);
    // A head without media.
    near(timeOf([bytes.slice(0, 200), 0], [bytes, 0.5]), once);
    near(timeOf([bytes, 0], [bytes.slice(0, 200), 0], [bytes, 0]), 2 * once);
    near(timeOf([bytes, 0], [bytes.slice(0, 200), 2], [bytes, 0]), 2 * once);
    near(timeOf([bytes, 0], [bytes.slice(0, 200), 2], [bytes, 0.5]), timeOf([bytes, 0], [bytes, 0.5]));
  });

  it('is 0 before the first block, and of what is no WebM', () => {
    const clock = new WebmClock();
    assert.equal(clock.time, 0);
    for (const piece of pieces(new Uint8Array(5000).fill(0), 100)) clock.add(piece);
    assert.equal(clock.time, 0);
  });
});
