type Values = readonly (number | string | null)[];

/** A canvas that was given what to draw. */
interface Spark extends HTMLCanvasElement {
  values?: Values;
  /** What it shows, and in which colour. */
  shown?: { readonly values: Values; readonly color: string };
}

/**
 * Draws the lines of all canvases that were given values, from 0 up, in the colour of the text of the first: it is that of
 * all, and to ask for it costs as much as a line. Null is a gap. What would look as it does is not drawn again.
 * @param renewed whether others are drawn where only their values are others
 */
export function drawSparks(root: ParentNode, renewed = true): void {
  const canvases = root.querySelectorAll<Spark>('canvas.spark');
  const color = canvases[0] && getComputedStyle(canvases[0]).color;
  for (const canvas of canvases) draw(canvas, color!, renewed);
}

function draw(canvas: Spark, color: string, renewed: boolean): void {
  const { clientWidth, clientHeight, values = [], shown } = canvas;
  const context = canvas.getContext('2d');
  if (!context || clientWidth === 0) return;
  const scale = devicePixelRatio;
  const [width, height] = [Math.round(clientWidth * scale), Math.round(clientHeight * scale)];
  // Another size makes another picture, which costs more than to clear this one.
  if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
  else if (shown?.color === color && (!renewed || same(shown.values, values))) return;
  else context.clearRect(0, 0, width, height);
  canvas.shown = { values, color };
  const highest = values.reduce<number>((most, value) => (typeof value === 'number' && value > most ? value : most), 0);
  const step = canvas.width / Math.max(1, values.length - 1);
  const room = canvas.height - 2 * scale;
  context.strokeStyle = color;
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

const same = (one: Values, other: Values): boolean =>
  one.length === other.length && one.every((value, index) => value === other[index]);
