import type { Levels } from '../../core/audio/index.js';
import type { Bar, Figure, Plan } from './plan.js';
import { levelText, share } from './scale.js';

/** Steps that a bar moves in: a pixel of most. */
export const STEPS = 400;

/**
 * Writes levels into what the template has made: covers of bars, and texts of values. Only what differs from what stands
 * there is touched.
 */
export class Painter {
  readonly #bars: readonly DrawnBar[];
  readonly #figures: readonly DrawnFigure[];

  /** Binds to what is in `root`, in the order of the plan, and puts in place what does not move. */
  constructor(root: ParentNode, plan: Plan) {
    const all = (selector: string) => [...root.querySelectorAll<HTMLElement>(selector)];
    place(all('.meter')[0]!, plan);
    const rows = all('.bar-row');
    this.#bars = plan.bars.map((bar, i) => new DrawnBar(rows[i]!, bar, plan));
    const values = [...rows, ...all('.figure')];
    this.#figures = [...plan.bars, ...plan.figures].map((figure, i) => new DrawnFigure(values[i]!, figure, plan));
  }

  /**
   * Whether there would be anything to draw. A frame in which nothing is costs a page as much as looking at a hundred bars.
   * @param text Whether values would be written, too
   */
  differs(levels: Levels | null, text: boolean): boolean {
    return (
      this.#bars.some((bar) => bar.differs(levels)) || (text && this.#figures.some((figure) => figure.differs(levels)))
    );
  }

  /**
   * @param levels Null for none: bars are empty then
   * @param text Whether values are written, too
   */
  draw(levels: Levels | null, text: boolean): void {
    for (const bar of this.#bars) bar.draw(levels);
    if (text) for (const figure of this.#figures) figure.draw(levels);
  }
}

/** By properties, and not by attributes in the template: a policy without inline styles forbids those. */
function place(meter: HTMLElement, { scale }: Plan): void {
  const set = (element: HTMLElement, name: string, level: number) =>
    element.style.setProperty(name, `${share(level, scale) * 100}%`);
  set(meter, '--_hot', scale.hot);
  set(meter, '--_over', scale.over);
  if (scale.target !== null) set(meter, '--_target', scale.target);
  meter.querySelectorAll<HTMLElement>('.tick').forEach((tick, i) => set(tick, '--_at', scale.ticks[i]!.at));
}

/**
 * The cover is a row of pixels, one for each step, that is as long as the bar: style, layout and layers know nothing of what
 * moves in it, which costs a page half of what a transform does.
 */
class DrawnBar {
  readonly #bar: Bar;
  readonly #plan: Plan;
  readonly #cover: CanvasRenderingContext2D;
  readonly #hold: CSSStyleDeclaration;
  /** Steps that it is long; -1 for one of which nothing is painted. */
  #length = -1;
  #held = -1;

  constructor(row: Element, bar: Bar, plan: Plan) {
    this.#bar = bar;
    this.#plan = plan;
    const cover = row.querySelector<HTMLCanvasElement>('.cover')!;
    this.#cover = cover.getContext('2d')!;
    // The colour that the page gives it; a transition tells when that is another.
    const color = () => (this.#cover.fillStyle = getComputedStyle(cover).color);
    color();
    cover.ontransitionend = () => {
      color();
      this.#paint(this.#length);
    };
    this.#hold = row.querySelector<HTMLElement>('.hold')!.style;
  }

  differs(levels: Levels | null): boolean {
    return this.#steps('length', levels) !== this.#length || this.#steps('hold', levels) !== this.#held;
  }

  draw(levels: Levels | null): void {
    const length = this.#steps('length', levels);
    const held = this.#steps('hold', levels);
    if (this.#length < 0) this.#paint(length);
    else if (length !== this.#length) this.#move(length);
    if (held !== this.#held) {
      this.#held = held;
      const way = (held / STEPS) * 100;
      this.#hold.visibility = held > 0 ? 'visible' : 'hidden';
      this.#hold.transform = this.#plan.vertical ? `translateY(${-way}%)` : `translateX(${way}%)`;
    }
  }

  #steps(what: 'length' | 'hold', levels: Levels | null): number {
    return levels ? Math.round(share(this.#bar[what](levels), this.#plan.scale) * STEPS) : 0;
  }

  /** All of it, whatever stood there. */
  #paint(length: number): void {
    this.#cover.clearRect(0, 0, STEPS, STEPS);
    this.#length = STEPS;
    this.#move(length);
  }

  /** Only what lies between where it ended and where it ends. */
  #move(length: number): void {
    const cover = this.#cover;
    const from = Math.min(length, this.#length);
    const steps = Math.abs(length - this.#length);
    const [x, y, width, height] = this.#plan.vertical
      ? ([0, STEPS - from - steps, 1, steps] as const)
      : ([from, 0, steps, 1] as const);
    if (length < this.#length) cover.fillRect(x, y, width, height);
    else cover.clearRect(x, y, width, height);
    this.#length = length;
  }
}

class DrawnFigure {
  readonly #figure: Figure;
  readonly #plan: Plan;
  readonly #text = document.createTextNode('');
  readonly #note: HTMLElement | null;
  /** What is written; undefined for nothing. */
  #value: number | null | undefined;

  constructor(place: Element, figure: Figure, plan: Plan) {
    this.#figure = figure;
    this.#plan = plan;
    const number = place.querySelector('.number')!;
    this.#text.data = number.textContent;
    number.replaceChildren(this.#text);
    this.#note = place.querySelector<HTMLElement>('.note');
  }

  differs(levels: Levels | null): boolean {
    return this.#read(levels) !== this.#value || this.#hides(levels) !== this.#note?.hidden;
  }

  draw(levels: Levels | null): void {
    const { count, relative = false } = this.#figure;
    const now = (this.#value = this.#read(levels));
    const text = count && now !== null ? String(now) : levelText(now, relative, this.#plan.decimals);
    if (text !== this.#text.data) this.#text.data = text;
    const hidden = this.#hides(levels);
    if (this.#note && this.#note.hidden !== hidden) this.#note.hidden = hidden!;
  }

  #read(levels: Levels | null): number | null {
    return levels && this.#figure.value(levels);
  }

  /** Whether there is nothing to be said of it; undefined where there never is. */
  #hides(levels: Levels | null): boolean | undefined {
    return this.#note ? !(levels && this.#figure.note!.holds(levels)) : undefined;
  }
}
