import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { i420Size, rgbaToI420 } from '../../../src/core/encode/i420.js';

/** BT.601 limited range in floating point, from the definition (ITU-R BT.601-7, section 2.5). */
function reference(r: number, g: number, b: number): [number, number, number] {
  const y = 0.299 * r + 0.587 * g + 0.114 * b;
  return [16 + (219 * y) / 255, 128 + (224 * (b - y)) / (1.772 * 255), 128 + (224 * (r - y)) / (1.402 * 255)];
}

function convert(pixels: [number, number, number][], width: number, height: number): Uint8Array {
  const rgba = new Uint8Array(pixels.flatMap(([r, g, b]) => [r, g, b, 255]));
  const out = new Uint8Array(i420Size(width, height));
  rgbaToI420(rgba, width, height, out);
  return out;
}

describe('RGB to I420', () => {
  it('is within one step of the definition for the corners of the colour cube and greys', () => {
    const levels = [0, 1, 16, 64, 127, 128, 200, 254, 255];
    for (const r of levels) {
      for (const g of levels) {
        for (const b of levels) {
          const colour: [number, number, number] = [r, g, b];
          const out = convert([colour, colour, colour, colour], 2, 2);
          const [y, u, v] = reference(r, g, b);
          assert.ok(Math.abs(out[0]! - y) <= 1, `luma of ${r},${g},${b}: ${out[0]} for ${y}`);
          assert.ok(Math.abs(out[4]! - u) <= 1, `blue difference of ${r},${g},${b}: ${out[4]} for ${u}`);
          assert.ok(Math.abs(out[5]! - v) <= 1, `red difference of ${r},${g},${b}: ${out[5]} for ${v}`);
        }
      }
    }
  });

  it('takes the mean of four pixels for the colour, and each for the light', () => {
    const out = convert(
      [
        [255, 255, 255],
        [0, 0, 0],
        [0, 0, 0],
        [255, 255, 255],
      ],
      2,
      2,
    );
    assert.deepEqual([...out.subarray(0, 4)], [235, 16, 16, 235]);
    assert.deepEqual([...out.subarray(4)], [128, 128]);
  });

  it('lays the planes out one after the other', () => {
    const red: [number, number, number] = [255, 0, 0];
    const blue: [number, number, number] = [0, 0, 255];
    const out = convert([red, red, blue, blue, red, red, blue, blue], 4, 2);
    const u = out.subarray(8, 10);
    const v = out.subarray(10, 12);
    assert.ok(v[0]! > 200 && u[1]! > 200 && v[1]! < 120 && u[0]! < 120);
  });
});
