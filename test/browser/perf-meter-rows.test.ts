import { expect, nextFrame } from '@open-wc/testing';
import { render } from 'lit';
import { executeServerCommand } from '@web/test-runner-commands';
import '../../dist/define/media-producer.js';
import '../../dist/define/perf-meter.js';
import type { OaPerfMeter } from '../../dist/components/perf-meter/perf-meter.js';
import { drawSparks } from '../../dist/components/perf-meter/spark.js';
import { table } from '../../dist/components/perf-meter/table.js';
import { viewOf } from '../../dist/components/perf-meter/view.js';
import { CORE_PRODUCER } from '../../dist/components/shared/producer-link.js';
import { Metrics } from '../../dist/core/metrics/index.js';
import {
  monitorPlatform,
  PerformanceMonitor,
  THRESHOLDS,
  type Measure,
  type NetworkFigures,
  type Threshold,
} from '../../dist/core/monitor/index.js';
import { insert, PATIENCE, picture, place, producer, tidy } from './stream-recorder-support.js';
import { waitUntil } from './wait.js';

const METER = '<media-producer></media-producer><perf-meter view="full" interval="0.1"></perf-meter>';

const meter = () => place.querySelector<OaPerfMeter>('perf-meter')!;
const inside = <T extends Element>(selector: string, element = meter()) => [
  ...element.shadowRoot!.querySelectorAll<T & HTMLElement>(selector),
];
const row = (index: number) => inside('[part~="row"]')[index]!;
const textOf = (node: Element | null | undefined) => (node?.textContent ?? '').replace(/\s+/g, ' ').trim();

/** In the order of the rows. */
const JUDGED: readonly Measure[] = [
  'capture:lost',
  'preview:lost',
  'encoder:lost',
  'disk:lost',
  'network:lost',
  'page:blocked',
  'memory:used',
];
/** Firefox tells no memory, and a row of which nothing is known has no state. */
const STAGES = JUDGED.slice(0, 'memory' in performance ? 7 : 6);

/** From where on each figure is trouble: where none can be, below zero, or further below. */
const NEVER: Threshold = { warn: 1e15, bad: 1e16 };
const LIMITS = { ok: NEVER, warn: { warn: -1, bad: 1e16 }, bad: { warn: -2, bad: -1 } } as const;
const STATES = ['ok', 'warn', 'bad'] as const;

const thresholds = (measure: Measure, limit: Threshold) => ({
  ...(Object.fromEntries(Object.keys(THRESHOLDS).map((name) => [name, NEVER])) as Record<Measure, Threshold>),
  [measure]: limit,
});

/** A connection that loses no packet. */
const connection = {
  getStats: async () =>
    new Map([
      ['1', { type: 'outbound-rtp', bytesSent: performance.now() * 100, framesSent: 1 }],
      ['2', { type: 'remote-inbound-rtp', fractionLost: 0 }],
    ]),
} as unknown as RTCPeerConnection;

/** A meter of a producer of which every stage has something to tell; answers the function that ends it. */
async function working(sends = connection): Promise<() => void> {
  await insert(METER);
  producer().srcObject = picture();
  await waitUntil(() => producer().metrics !== null, 'what counts', PATIENCE);
  const core = producer()[CORE_PRODUCER];
  meter().producer = producer();
  core.store.set({ connection: sends });
  const count = (name: string, amount: number) => core.metrics!.counter(name).add(amount);
  // Firefox tells nothing of what its previews show.
  let shown = 100;
  const video = producer().shadowRoot!.querySelector('video')!;
  video.getVideoPlaybackQuality = () =>
    ({ totalVideoFrames: (shown += 3), droppedVideoFrames: 0 }) as unknown as VideoPlaybackQuality;
  const timer = setInterval(() => {
    count('frames:captured', 3);
    count('frames:taken', 3);
    count('frames:seconds', 0.1);
    count('record:seconds', 0.1);
    count('bytes:written', 25_000);
  }, 100);
  return () => {
    clearInterval(timer);
    core.store.set({ connection: null });
  };
}

/** Has a stage judged so, and no other; answers its row once the meter shows that. */
async function judged(stage: number, state: (typeof STATES)[number]): Promise<HTMLElement> {
  meter().thresholds = thresholds(JUDGED[stage]!, LIMITS[state]);
  const shown = () => row(stage)?.className === state && meter().state === state;
  await waitUntil(shown, `${JUDGED[stage]}: ${state}`, PATIENCE);
  await meter().updateComplete;
  return row(stage);
}

const styleOf = (element: Element) => getComputedStyle(element);
/** What tells a mark from another one where there are no colours. */
function shapeOf(element: Element): string {
  const { clipPath, borderTopWidth, borderTopLeftRadius, backgroundColor } = styleOf(element);
  const filled = !/^rgba\(.* 0\)$|^transparent$/.test(backgroundColor);
  return JSON.stringify({ clipPath, borderTopWidth, borderTopLeftRadius, filled });
}

/** A row says its state by a colour and a shape, and a finding by a sentence. */
async function assertTold(): Promise<void> {
  const marks: Record<string, Set<string>> = { ok: new Set(), warn: new Set(), bad: new Set() };
  for (const [stage, measure] of STAGES.entries())
    for (const state of STATES) {
      const shown = await judged(stage, state);
      const mark = shown.querySelector('.mark')!;
      const found = shown.querySelector('[part="finding"]');
      marks[state]!.add(`${styleOf(mark).color} ${shapeOf(mark)}`);
      expect(Boolean(found), `${measure} ${state}: a sentence`).to.equal(state !== 'ok');
      expect(meter().state, measure).to.equal(state);
      if (!found) continue;
      expect(textOf(found), measure).to.match(/^[A-Z].{8,}$/);
      expect(styleOf(found).color, `${measure}: sentence and mark`).to.equal(styleOf(mark).color);
      const others = inside('[part~="row"]').filter((other) => other !== shown);
      expect(
        others.filter(({ className }) => className === 'warn' || className === 'bad'),
        `${measure}: others`,
      ).to.deep.equal([]);
    }
  const [ok, warn, bad] = STATES.map((state) => [...marks[state]!]);
  expect([ok!.length, warn!.length, bad!.length], 'every stage alike').to.deep.equal([1, 1, 1]);
  expect(new Set([ok![0], warn![0], bad![0]]).size, 'none like another').to.equal(3);
}

describe('the rows of a perf-meter', () => {
  let end = () => {};
  afterEach(async () => {
    end();
    end = () => {};
    await tidy();
  });

  it('have a colour of their own for what is well, a warning, and trouble, whichever stage it is of', async () => {
    end = await working();
    await assertTold();
  }).timeout(60_000);

  it('say of a connection that tells nothing that it is not measured, and export no 0 for it', async () => {
    const getStats = async () => new Map([['1', { type: 'outbound-rtp' }]]);
    end = await working({ getStats } as unknown as RTCPeerConnection);
    const told = () => meter().snapshot()?.network;
    await waitUntil(() => told() && meter().snapshot()!.window > 0.3, 'some looks', PATIENCE);
    await meter().updateComplete;
    expect(textOf(row(4))).to.equal('Network Not measured now');
    expect(told()).to.deep.include({ bitrate: null, frameRate: null, lost: null, roundTrip: null, available: null });
    expect(await meter().toOpenMetrics()).not.to.match(/(fps|bitrate_kbps|lost_ratio)\{\w+="network"|round_trip/);
  });

  it('say of an encoder that counts nothing, as MediaRecorder does, that it is not measured of this take', async () => {
    await insert('');
    const metrics = new Metrics();
    let time = 0;
    const monitor = new PerformanceMonitor({
      metrics: () => metrics,
      platform: { ...monitorPlatform, now: () => time * 1000 },
    });
    const shown = () => {
      time += 2;
      monitor.look();
      render(table(viewOf(monitor, 'en'), { reset() {}, charts() {} }, null), place);
      return textOf(place.querySelectorAll('[part~="row"]')[2]);
    };
    shown();
    expect(shown()).to.equal('Encoder Not measured now');
    metrics.counter('record:seconds').add(2);
    metrics.counter('bytes:written').add(1e5);
    expect(shown()).to.equal('Encoder Not measured of this take');
  });

  it('fit into 240 px, with text at 200 % too, whatever is found', async () => {
    end = await working();
    await judged(2, 'bad');
    await waitUntil(() => inside('canvas').length > 2, 'lines', PATIENCE);
    try {
      for (const size of ['100%', '200%']) {
        document.documentElement.style.fontSize = size;
        meter().style.inlineSize = '240px';
        await nextFrame();
        const box = meter().getBoundingClientRect();
        for (const inner of inside('.line > *, tbody th, td, .beside, .found, canvas, footer p, button')) {
          const { left, right, width } = inner.getBoundingClientRect();
          if (width === 0) continue;
          expect(left, inner.outerHTML).to.be.at.least(box.left - 0.5);
          expect(right, inner.outerHTML).to.be.at.most(box.right + 0.5);
          expect(inner.scrollWidth, inner.outerHTML).to.be.at.most(Math.ceil(width));
        }
        const row = inside<HTMLTableRowElement>('[part~="row"]')[2]!;
        const [name, figure, trend] = [...row.cells].map((cell) => cell.getBoundingClientRect());
        expect(figure!.top, size).to.be.at.least(name!.top);
        expect(trend!.top, size).to.be.at.least(figure!.bottom - 0.5);
      }
    } finally {
      document.documentElement.style.fontSize = '';
    }
  });

  it('take their colours from the page', async () => {
    end = await working();
    for (const [state, property, colour] of [
      ['ok', '--oa-color-live', 'rgb(1, 2, 3)'],
      ['warn', '--oa-color-warn', 'rgb(4, 5, 6)'],
      ['bad', '--oa-color-bad', 'rgb(7, 8, 9)'],
    ] as const) {
      meter().style.setProperty(property, colour);
      expect(styleOf((await judged(5, state)).querySelector('.mark')!).color).to.equal(colour);
    }
  });

  if (navigator.userAgent.includes('Chrome/'))
    it('have a shape and a sentence, in the colour of all text, where a person has forced colours', async () => {
      await executeServerCommand('forced-colors', 'active');
      try {
        expect(matchMedia('(forced-colors: active)').matches).to.equal(true);
        end = await working();
        await assertTold();
        const shapes: string[] = [];
        for (const state of STATES) {
          const mark = (await judged(5, state)).querySelector('.mark')!;
          shapes.push(shapeOf(mark));
          expect(styleOf(mark).color, state).to.equal(styleOf(row(5)).color);
        }
        const unknown = inside('.idle .mark')[0];
        if (unknown) shapes.push(shapeOf(unknown));
        expect(new Set(shapes).size, shapes.join()).to.equal(shapes.length);
      } finally {
        await executeServerCommand('forced-colors', 'none');
      }
    }).timeout(60_000);
});

/** Where a canvas has something in a column, from its top; null for nothing. */
function heightsIn(canvas: HTMLCanvasElement): (number | null)[] {
  const { width, height } = canvas;
  const { data } = canvas.getContext('2d')!.getImageData(0, 0, width, height);
  return Array.from({ length: width }, (_, x) => {
    const rows = Array.from({ length: height }, (_, y) => data[(y * width + x) * 4 + 3]!);
    const all = rows.reduce((sum, alpha) => sum + alpha, 0);
    return all === 0 ? null : rows.reduce((sum, alpha, y) => sum + alpha * (y + 0.5), 0) / all;
  });
}

describe('the lines of a perf-meter', () => {
  afterEach(tidy);

  /** A line of these values, 200 by 40 pixels of the page; where it is in each of its columns, in those pixels. */
  async function drawn(values: (number | null | string)[]): Promise<(number | null)[]> {
    await insert(
      '<canvas class="spark" style="display: block; width: 200px; height: 40px; color: rgb(255, 0, 0)"></canvas>',
    );
    const canvas = Object.assign(place.querySelector('canvas')!, { values });
    drawSparks(place);
    const scale = devicePixelRatio;
    expect([canvas.width, canvas.height]).to.deep.equal([Math.round(200 * scale), Math.round(40 * scale)]);
    const heights = heightsIn(canvas);
    return Array.from({ length: 200 }, (_, x) => {
      const height = heights[Math.min(heights.length - 1, Math.round((x + 0.5) * scale))]!;
      return height === null ? null : height / scale;
    });
  }

  it('go from nothing at the bottom to the most at the top, from the left to the right', async () => {
    const heights = await drawn([0, 5, 10]);
    expect(heights[2], 'left').to.be.within(36, 40);
    expect(heights[100], 'middle').to.be.within(19, 21);
    expect(heights[197], 'right').to.be.within(0, 4);
    for (let x = 3; x < 197; x++) expect(heights[x], `at ${x}`).to.be.below(heights[x - 1]! + 0.3);
  });

  it('stand still where a figure does, at the top; of nothing but zeros at the bottom', async () => {
    for (const height of (await drawn([7, 7, 7])).slice(2, 198)) expect(height).to.be.within(0, 2);
    place.remove();
    for (const height of (await drawn([0, 0, 0])).slice(2, 198)) expect(height).to.be.within(38, 40);
  });

  it('are drawn again where values, colour or size are others, and only there', async () => {
    await insert('<canvas class="spark" style="display: block; width: 200px; height: 40px"></canvas>'.repeat(2));
    const canvases = [...place.querySelectorAll('canvas')];
    const { stroke } = CanvasRenderingContext2D.prototype;
    const { getComputedStyle } = globalThis;
    let [drawn, asked] = [[] as number[], 0];
    CanvasRenderingContext2D.prototype.stroke = function (this: CanvasRenderingContext2D) {
      drawn.push(canvases.indexOf(this.canvas));
      Reflect.apply(stroke, this, []);
    };
    globalThis.getComputedStyle = (element) => {
      asked++;
      return getComputedStyle(element);
    };
    /** Which of the two are drawn, and how often a style was asked for. */
    const draw = (...values: number[][]) => {
      canvases.forEach((canvas, index) => Object.assign(canvas, { values: values[index] }));
      [drawn, asked] = [[], 0];
      drawSparks(place);
      return [drawn, asked];
    };
    try {
      expect(draw([1, 2], [3, 3])).to.deep.equal([[0, 1], 1]);
      expect(draw([1, 2], [3, 4]), 'a value').to.deep.equal([[1], 1]);
      expect(draw([1, 2], [3, 4]), 'nothing').to.deep.equal([[], 1]);
      expect(draw([1, 2], [3, 4, 4]), 'a longer line').to.deep.equal([[1], 1]);
      place.style.color = 'rgb(1, 2, 3)';
      expect(draw([1, 2], [3, 4, 4]), 'the colour').to.deep.equal([[0, 1], 1]);
      canvases[0]!.style.width = '100px';
      expect(draw([1, 2], [3, 4, 4]), 'a size').to.deep.equal([[0], 1]);
    } finally {
      CanvasRenderingContext2D.prototype.stroke = stroke;
      globalThis.getComputedStyle = getComputedStyle;
    }
  });

  it('have a gap where nothing was known, which is not drawn as 0', async () => {
    const heights = await drawn([10, 10, null, 'unsupported', 10, 10]);
    const [known, gap] = [heights.filter((height) => height !== null), heights.slice(45, 155)];
    for (const height of known) expect(height).to.be.within(0, 2);
    expect(gap.filter((height) => height !== null)).to.deep.equal([]);
    expect([heights[20], heights[180]].map((height) => height !== null)).to.deep.equal([true, true]);
  });

  it('are of the last minute, however far looks are apart', async () => {
    const network = { look() {}, figures: () => ({ bitrate: 1e6, pressure: null }) as NetworkFigures };
    for (const [seconds, points] of [
      [0.25, 240],
      [1, 60],
      [10, 6],
    ] as const) {
      await insert('');
      let time = 0;
      const clock = { now: () => time * 1000, date: () => 1.8e12 + time * 1000 };
      const monitor = new PerformanceMonitor({ network, platform: { ...monitorPlatform, ...clock } });
      for (let look = 0; look < 300; look++) {
        time += seconds;
        monitor.look();
      }
      render(table(viewOf(monitor, 'en'), { reset() {}, charts() {} }, null), place);
      const line = place.querySelector<HTMLCanvasElement & { values: unknown[] }>('.spark')!;
      expect(line.values.length, `a look each ${seconds} s`).to.equal(points);
      place.remove();
    }
  });

  it('show head-room beside the time that a stage works', async () => {
    await insert('');
    const metrics = new Metrics();
    let time = 0;
    const platform = { ...monitorPlatform, now: () => time * 1000 };
    const monitor = new PerformanceMonitor({ metrics: () => metrics, platform });
    monitor.look();
    for (const name of ['frames:seconds', 'record:seconds']) metrics.counter(name).add(2);
    metrics.record('frame:encode', 0.5);
    metrics.record('disk:write', 0.1);
    metrics.sample('headroom:encoder', 0.234);
    metrics.sample('headroom:disk', 123.4);
    time = 2;
    monitor.look();
    render(table(viewOf(monitor, 'en'), { reset() {}, charts() {} }, null), place);
    const beside = [...place.querySelectorAll('.beside')].map(textOf);
    expect(beside).to.include.members(['busy 25%, 0.2s in reserve', 'busy 5%, 2m 0s in reserve']);
  });

  it('are in the colour of their text', async () => {
    await drawn([1, 1]);
    const canvas = place.querySelector('canvas')!;
    const y = Math.round(devicePixelRatio);
    const [red, green, blue] = canvas.getContext('2d')!.getImageData(canvas.width / 2, y, 1, 1).data;
    expect([red, green, blue]).to.deep.equal([255, 0, 0]);
  });

  it('are drawn of what was measured while they can be seen, and not otherwise', async () => {
    await insert(
      '<perf-meter view="full" interval="0.1"></perf-meter><perf-meter view="full" interval="0.1"></perf-meter>',
    );
    const [clock, other] = place.querySelectorAll('perf-meter') as unknown as [OaPerfMeter, OaPerfMeter];
    const draws = new Map<OaPerfMeter, number>();
    const { stroke } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.stroke = function (this: CanvasRenderingContext2D) {
      const owner = (this.canvas.getRootNode() as ShadowRoot).host as OaPerfMeter;
      draws.set(owner, (draws.get(owner) ?? 0) + 1);
      Reflect.apply(stroke, this, []);
    };
    const drawsOf = (element: OaPerfMeter) => draws.get(element) ?? 0;
    /** Until one has drawn its lines so often; both look as often. */
    const looks = (element: OaPerfMeter, count: number) => {
      const from = drawsOf(element);
      const lines = () => inside('.spark', element).length;
      return waitUntil(() => lines() > 0 && drawsOf(element) - from >= count * lines(), `${count} drawings`, PATIENCE);
    };
    try {
      await looks(other, 2);
      const line = inside<HTMLCanvasElement>('.spark', other).at(-1)!;
      await waitUntil(() => heightsIn(line).some((height) => height !== null), 'a line', PATIENCE);
      for (const [what, change, undo] of [
        ['not displayed', () => (other.style.display = 'none'), () => (other.style.display = '')],
        ['out of sight', () => (other.style.marginBlockStart = '300vh'), () => (other.style.marginBlockStart = '')],
        ['removed', () => other.remove(), () => place.append(other)],
      ] as const) {
        change();
        // The browser says so with a frame, and one drawing may be on its way.
        await looks(clock, 2);
        const from = drawsOf(other);
        await looks(clock, 5);
        expect(drawsOf(other), what).to.equal(from);
        undo();
        await looks(other, 1);
      }
    } finally {
      CanvasRenderingContext2D.prototype.stroke = stroke;
    }
  }).timeout(60_000);
});
