/** A canvas that was given what to draw. */
interface Spark extends HTMLCanvasElement {
  values?: readonly (number | string | null)[];
}

/** Draws the lines of all canvases that were given values, from 0 up, in the colour of their text. Null is a gap. */
export function drawSparks(root: ParentNode): void {
  for (const canvas of root.querySelectorAll<Spark>('canvas.spark')) draw(canvas);
}

function draw(canvas: Spark): void {
  const { clientWidth, clientHeight, values = [] } = canvas;
  const context = canvas.getContext('2d');
  if (!context || clientWidth === 0) return;
  const scale = devicePixelRatio;
  const [width, height] = [Math.round(clientWidth * scale), Math.round(clientHeight * scale)];
  // Another size makes another picture, which costs more than to clear this one.
  if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
  else context.clearRect(0, 0, width, height);
  const highest = values.reduce<number>((most, value) => (typeof value === 'number' && value > most ? value : most), 0);
  const step = canvas.width / Math.max(1, values.length - 1);
  const room = canvas.height - 2 * scale;
  context.strokeStyle = getComputedStyle(canvas).color;
  context.lineWidth = 1.5 * scale;
  context.lineJoin = 'bevel';
  context.beginPath();
  let drawn = false;
  values.forEach((value, index) => {
    if (typeof value !== 'number') {
      drawn = false;
      return;
    }
    const y = canvas.height - scale - (highest > 0 ? (value / highest) * room : 0);
    if (drawn) context.lineTo(index * step, y);
    else context.moveTo(index * step, y);
    drawn = true;
  });
  context.stroke();
}
