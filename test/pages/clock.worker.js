import { drawClock } from './sources.js';

const [WIDTH, HEIGHT] = [640, 360];

/** As much of a canvas as the clock needs, on the pixels of a camera: a real one asks the page for its surface. */
function luma(pixels) {
  const context = {
    fillStyle: '#000',
    fillRect(x, y, width, height) {
      const value = context.fillStyle === '#fff' ? 235 : 16;
      for (let row = y; row < y + height; row++) pixels.fill(value, row * WIDTH + x, row * WIDTH + x + width);
    },
  };
  return context;
}

/** A picture with a clock in it that does not stand still with the page: it is made, and handed over, here. */
onmessage = ({ data: writable }) => {
  const writer = writable.getWriter();
  const pixels = new Uint8Array((WIDTH * HEIGHT * 3) / 2).fill(128);
  const context = luma(pixels);
  setInterval(() => {
    drawClock(context);
    const size = { codedWidth: WIDTH, codedHeight: HEIGHT };
    void writer.write(new VideoFrame(pixels, { format: 'I420', ...size, timestamp: performance.now() * 1000 }));
  }, 50);
};
