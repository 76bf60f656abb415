/** A camera that keeps time whatever the machine does: pictures of a grey that changes, stamped at even distances. */
const [WIDTH, HEIGHT] = [320, 240];
let rate = 30;
/** Milliseconds by which its clock is ahead of that of this thread. */
let ahead = 0;

onmessage = ({ data }) => {
  if (typeof data === 'number') {
    rate = data;
    return;
  }
  if (data === 'anew') {
    ahead = -performance.now();
    return;
  }
  const writer = data.getWriter();
  const pixels = new Uint8Array((WIDTH * HEIGHT * 3) / 2).fill(128);
  let [made, at] = [0, performance.now()];
  setInterval(() => {
    for (; at <= performance.now(); at += 1000 / rate) {
      pixels.fill(64 + (made++ % 128), 0, WIDTH * HEIGHT);
      const size = { codedWidth: WIDTH, codedHeight: HEIGHT };
      void writer.write(
        new VideoFrame(pixels, { format: 'I420', ...size, timestamp: Math.round((at + ahead) * 1000) }),
      );
    }
  }, 4);
};
