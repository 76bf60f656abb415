/** Figures of what was measured over time, as SVG that is read in light and in dark, with words for what is drawn. */

const WIDTH = 760;
const PANEL = 120;
const GAP = 44;
const MARGIN = { top: 64, right: 20, bottom: 52, left: 52 };

const STYLE = `
  .paper { fill: #fff }
  text { fill: #1c1c1e; font: 13px system-ui, sans-serif; font-variant-numeric: tabular-nums }
  .title { font-weight: 600; font-size: 15px }
  .small { fill: #55585e; font-size: 12px }
  .grid { stroke: #d5d8de }
  .band { fill: #b26a00; fill-opacity: 0.14 }
  .line { fill: none; stroke: #1d4ed8; stroke-width: 2 }
  .bar { fill: #9aa3b2 }
  .lost { fill: #c62828 }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #16181c }
    text { fill: #eceef2 }
    .small { fill: #b0b5bf }
    .grid { stroke: #3a3e46 }
    .band { fill: #ffb74d; fill-opacity: 0.16 }
    .line { stroke: #8ab4ff }
    .bar { fill: #6d7686 }
    .lost { fill: #ff7b6b }
  }
`;

/**
 * @typedef {object} Series
 * @property {'line' | 'bar' | 'lost'} as a line of steps, bars from below, or what is missing on top of those
 * @property {readonly number[]} values one a second
 * @property {readonly number[]} [from] where bars begin; at 0 without
 *
 * @typedef {object} Panel
 * @property {string} title with its unit, and which series is what
 * @property {number} most upper end of its axis
 * @property {readonly number[]} ticks
 * @property {readonly Series[]} series
 */

/**
 * Panels above each other on one axis of seconds.
 * @param {{ title: string, description: string, seconds: number, panels: readonly Panel[],
 *   band: { from: number, to: number, label: string } }} given `band` is marked in all of them
 * @returns {string}
 */
export function figure({ title, description, seconds, band, panels }) {
  const height = MARGIN.top + panels.length * (PANEL + GAP) - GAP + MARGIN.bottom;
  const inner = WIDTH - MARGIN.left - MARGIN.right;
  const x = (second) => MARGIN.left + (second / seconds) * inner;
  const bottom = height - MARGIN.bottom;
  const bandAt = { x: x(band.from), width: x(band.to) - x(band.from) };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title description">`,
    `<title id="title">${escaped(title)}</title>`,
    `<desc id="description">${escaped(description)}</desc>`,
    `<style>${STYLE}</style>`,
    `<rect class="paper" width="${WIDTH}" height="${height}" rx="6"/>`,
    text(title, { x: MARGIN.left, y: 24, class: 'title' }),
    tag('rect', { class: 'band', ...bandAt, y: MARGIN.top - 18, height: bottom - MARGIN.top + 18 }),
    text(band.label, { x: bandAt.x + bandAt.width / 2, y: bottom + 40, class: 'small', 'text-anchor': 'middle' }),
    ...panels.map((panel, index) => drawn(panel, MARGIN.top + index * (PANEL + GAP), x, seconds)),
    ...ticksOf(seconds).map((at) =>
      text(String(at), { x: x(at), y: bottom + 20, class: 'small', 'text-anchor': 'middle' }),
    ),
    text('seconds', { x: WIDTH - MARGIN.right, y: bottom + 40, class: 'small', 'text-anchor': 'end' }),
    '</svg>\n',
  ].join('\n');
}

function drawn({ title, most, ticks, series }, top, x, seconds) {
  const y = (value) => top + PANEL - (Math.min(value, most) / most) * PANEL;
  return [
    ...ticks.flatMap((tick) => [
      tag('line', { class: 'grid', x1: x(0), x2: x(seconds), y1: y(tick), y2: y(tick) }),
      text(String(tick), { x: x(0) - 8, y: y(tick) + 4, class: 'small', 'text-anchor': 'end' }),
    ]),
    ...series.map((one) => (one.as === 'line' ? steps(one, x, y) : bars(one, x, y))),
    text(title, { x: MARGIN.left, y: top - 8 }),
  ].join('\n');
}

function steps({ values }, x, y) {
  const path = values.map((value, second) => `${second ? 'V' : `M${r(x(0))} `}${r(y(value))}H${r(x(second + 1))}`);
  return tag('path', { class: 'line', d: path.join('') });
}

function bars({ as, values, from = [] }, x, y) {
  return values
    .map((value, second) => {
      const base = from[second] ?? 0;
      if (value <= 0) return '';
      const [left, right] = [x(second) + 0.5, x(second + 1) - 0.5];
      return tag('rect', {
        class: as,
        x: left,
        y: y(base + value),
        width: right - left,
        height: y(base) - y(base + value),
      });
    })
    .filter((bar) => bar !== '')
    .join('\n');
}

function ticksOf(seconds) {
  const step = seconds > 40 ? 10 : 5;
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, index) => index * step);
}

const r = (pixels) => Math.round(pixels * 10) / 10;

const attributes = (given) =>
  Object.entries(given)
    .map(([name, value]) => ` ${name}="${typeof value === 'number' ? r(value) : value}"`)
    .join('');

const tag = (name, given) => `<${name}${attributes(given)}/>`;

const text = (content, given) => `<text${attributes(given)}>${escaped(content)}</text>`;

const escaped = (content) => content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
