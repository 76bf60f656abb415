import { expect } from '@open-wc/testing';
import { Metrics } from '../../dist/core/metrics/index.js';
import { PictureFitter } from '../../dist/core/encode/picture-fitter.js';

const [RED, BLUE, BLACK] = ['red', 'blue', 'black'];

/** A frame whose left half is red and whose right half is blue, turned clockwise; null where frames cannot be turned. */
function turned(rotation: number): VideoFrame | null {
  const canvas = new OffscreenCanvas(64, 32);
  const context = canvas.getContext('2d')!;
  for (const [half, colour] of [RED, BLUE].entries()) {
    context.fillStyle = colour!;
    context.fillRect(half * 32, 0, 32, 32);
  }
  const frame = new VideoFrame(canvas, { timestamp: 0, rotation } as VideoFrameInit);
  if (rotation === 0 || (frame as { rotation?: number }).rotation === rotation) return frame;
  frame.close();
  return null;
}

/** What a frame shows at some places, by name. */
function colours(frame: VideoFrame, ...places: [x: number, y: number][]): string[] {
  const canvas = new OffscreenCanvas(frame.displayWidth, frame.displayHeight);
  const context = canvas.getContext('2d')!;
  context.drawImage(frame, 0, 0);
  frame.close();
  return places.map(([x, y]) => {
    const [red, , blue] = context.getImageData(x, y, 1, 1).data;
    return red! > 150 ? RED! : blue! > 150 ? BLUE! : BLACK!;
  });
}

describe('a picture that is fitted', () => {
  it('passes as it is where it has the size of the take', async () => {
    const frame = turned(0)!;
    const fitted = await new PictureFitter(64, 32).fit(frame, 5);
    expect(fitted.timestamp).to.equal(5);
    expect(colours(fitted, [4, 16], [60, 16])).to.deep.equal([RED, BLUE]);
  });

  it('is drawn where it has another size, which is timed: what draws is got ready once', async () => {
    const metrics = new Metrics();
    const fitter = new PictureFitter(32, 32, metrics);
    const places: [number, number][] = [
      [4, 16],
      [28, 16],
      [16, 2],
    ];
    // 64x32 in 32x32: 16 pixels high, in the middle.
    for (const time of [1, 2, 3])
      expect(colours(await fitter.fit(turned(0)!, time), ...places)).to.deep.equal([RED, BLUE, BLACK]);
    const { histograms } = metrics.snapshot();
    expect([histograms['render:setup']!.count, histograms['render:frame']!.count]).to.deep.equal([1, 3]);
    expect(histograms['render:frame']!.max).to.be.within(0, 5);
  });

  // Firefox knows no frames that are turned.
  const probe = turned(90);
  probe?.close();
  if (!probe) return;

  it('is drawn upright between bars when the device is turned in the middle of a take', async () => {
    const frame = turned(90)!;
    // 32x64 in 64x32: 16 pixels wide, in the middle; the left side has become the top.
    const fitted = await new PictureFitter(64, 32).fit(frame, 0);
    expect([fitted.displayWidth, fitted.displayHeight]).to.deep.equal([64, 32]);
    const places: [number, number][] = [
      [32, 4],
      [32, 28],
      [8, 16],
      [56, 16],
    ];
    expect(colours(fitted, ...places)).to.deep.equal([RED, BLUE, BLACK, BLACK]);
  });

  it('is upright, and fills the take, when the device was turned before', async () => {
    const frame = turned(270)!;
    const { width, height } = PictureFitter.sizeOf(frame);
    expect([width, height]).to.deep.equal([32, 64]);
    const fitted = await new PictureFitter(width, height).fit(frame, 0);
    expect(colours(fitted, [16, 8], [16, 56], [2, 4])).to.deep.equal([BLUE, RED, BLUE]);
  });
});
