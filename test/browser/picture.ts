/** A picture that moves, as a stream: a canvas that stays the same gives no frames. The function it comes with ends it. */
export function movingPicture(): { stream: MediaStream; end: () => void } {
  const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 240 });
  const context = canvas.getContext('2d')!;
  let hue = 0;
  const draw = () => {
    context.fillStyle = `hsl(${(hue += 7)} 70% 50%)`;
    context.fillRect(0, 0, 320, 240);
  };
  draw();
  const timer = setInterval(draw, 40);
  const stream = canvas.captureStream(25);
  const end = () => {
    clearInterval(timer);
    for (const track of stream.getTracks()) track.stop();
  };
  return { stream, end };
}
