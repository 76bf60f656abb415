/**
 * RGB pictures (canvas, screen) to 8-bit 4:2:0 with BT.601 limited range, which is what cameras deliver and what every
 * player assumes of an untagged file. Left to the encoder, a canvas frame came out up to 11/255 wrong in Chromium and
 * 41/255 in Firefox; converted here, within 1 to 3.
 */
export const CAMERA_COLOUR: VideoColorSpaceInit = {
  primaries: 'smpte170m',
  transfer: 'smpte170m',
  matrix: 'smpte170m',
  fullRange: false,
};

export function isRgb(frame: VideoFrame): boolean {
  return frame.format === null || frame.format.startsWith('RGB') || frame.format.startsWith('BGR');
}

/** Bytes of an I420 picture; width and height are even. */
export function i420Size(width: number, height: number): number {
  return (width * height * 3) / 2;
}

/** Converts RGBA or RGBX bytes to I420; chroma is the mean of each 2x2 block. `width` and `height` are even. */
export function rgbaToI420(rgba: Uint8Array, width: number, height: number, into: Uint8Array): void {
  const pixels = new Uint32Array(rgba.buffer, rgba.byteOffset, width * height);
  const uStart = width * height;
  const vStart = uStart + (width * height) / 4;
  const chromaWidth = width / 2;
  for (let y = 0; y < height; y += 2) {
    let top = y * width;
    let bottom = top + width;
    let chroma = (y / 2) * chromaWidth;
    for (let x = 0; x < width; x += 2, top += 2, bottom += 2, chroma++) {
      const a = pixels[top]!;
      const b = pixels[top + 1]!;
      const c = pixels[bottom]!;
      const d = pixels[bottom + 1]!;
      into[top] = luma(a);
      into[top + 1] = luma(b);
      into[bottom] = luma(c);
      into[bottom + 1] = luma(d);
      const r = (a & 255) + (b & 255) + (c & 255) + (d & 255);
      const g = ((a >>> 8) & 255) + ((b >>> 8) & 255) + ((c >>> 8) & 255) + ((d >>> 8) & 255);
      const bl = ((a >>> 16) & 255) + ((b >>> 16) & 255) + ((c >>> 16) & 255) + ((d >>> 16) & 255);
      into[uStart + chroma] = (-9714 * r - 19071 * g + 28785 * bl + CHROMA_OFFSET) >> 18;
      into[vStart + chroma] = (28785 * r - 24103 * g - 4682 * bl + CHROMA_OFFSET) >> 18;
    }
  }
}

// ITU-R BT.601: Y = 16 + 65.481 R + 128.553 G + 24.966 B for components 0..1, in 16-bit fixed point, rounded.
function luma(pixel: number): number {
  return (16829 * (pixel & 255) + 33039 * ((pixel >>> 8) & 255) + 6416 * ((pixel >>> 16) & 255) + LUMA_OFFSET) >> 16;
}
const LUMA_OFFSET = (16 << 16) + 32768;
// Chroma is summed over four pixels: two more bits of fraction.
const CHROMA_OFFSET = (128 << 18) + 131072;
