/**
 * A head before a wall, under the noise of a sensor, as a camera would give it: what an encoder has to work for. Made and
 * handed over here, thirty times a second, so that no page is on its way.
 */
const [WIDTH, HEIGHT, RATE, PICTURES] = [1280, 720, 30, 16];

function picture(index) {
  const data = new Uint8Array((WIDTH * HEIGHT * 3) / 2).fill(128);
  let seed = index + 1;
  for (let y = 0, at = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++, at++) {
      const moved = x > WIDTH / 3 && x < (2 * WIDTH) / 3 ? x + index * 3 : x;
      const waves = Math.abs((moved & 127) - 64) + Math.abs(((moved + 3 * y) & 31) - 16);
      seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
      data[at] = 32 + (y * 104) / HEIGHT + waves + (((seed >>> 16) * 7) >>> 16) - 3;
    }
  }
  return data;
}

onmessage = ({ data: writable }) => {
  const writer = writable.getWriter();
  const pictures = Array.from({ length: PICTURES }, (_, index) => picture(index));
  let made = 0;
  const began = performance.now();
  setInterval(() => {
    // By the clock, as a camera: what is not made in time is not made later.
    const due = Math.floor(((performance.now() - began) * RATE) / 1000);
    if (due <= made) return;
    made = due;
    const there = due % (2 * PICTURES);
    const data = pictures[there < PICTURES ? there : 2 * PICTURES - 1 - there];
    const init = { format: 'I420', codedWidth: WIDTH, codedHeight: HEIGHT, timestamp: Math.round((due * 1e6) / RATE) };
    void writer.write(new VideoFrame(data, init));
  }, 4);
};
