import type { Levels } from '../../core/audio/index.js';
import { Board, STEPS } from './board.js';
import type { Bar, Figure, Plan } from './plan.js';
import { levelText, share, written } from './scale.js';

/**
 * Writes levels into what the template has made: bars on its canvas, and texts of values. Only what differs from what stands
 * there is touched.
 */
export class Painter {
  readonly #plan: Plan;
  readonly #levels: () => Levels | null;
  readonly #board: Board;
  readonly #figures: readonly DrawnFigure[];

  /**
   * Binds to what is in `root`, in the order of the plan, and puts in place what does not move.
   * @param levels Asks for those that are to be drawn; null for none: bars are empty then
   */
  constructor(root: ParentNode, plan: Plan, levels: () => Levels | null) {
    this.#plan = plan;
    this.#levels = levels;
    const all = (selector: string) => [...root.querySelectorAll<HTMLElement>(selector)];
    place(all('.meter')[0]!, plan);
    const cover = root.querySelector<HTMLCanvasElement>('.cover')!;
    this.#board = new Board(cover, all('.bar'), plan.vertical, () => this.draw(false));
    const values = all('.bar-row, .figure');
    this.#figures = [...plan.bars, ...plan.figures].map((figure, i) => new DrawnFigure(values[i]!, figure, plan));
  }

  close(): void {
    this.#board.close();
  }

  /**
   * Whether there would be anything to draw. A frame in which nothing is costs a page as much as looking at a hundred bars.
   * @param text Whether values would be written, too
   */
  differs(text: boolean): boolean {
    const levels = this.#levels();
    const moved = (bar: Bar, i: number) =>
      this.#board.differs(i, this.#steps(bar.length, levels), this.#steps(bar.hold, levels));
    return this.#plan.bars.some(moved) || (text && this.#figures.some((figure) => figure.differs(levels)));
  }

  /** @param text Whether values are written, too */
  draw(text: boolean): void {
    const levels = this.#levels();
    this.#plan.bars.forEach((bar, i) =>
      this.#board.draw(i, this.#steps(bar.length, levels), this.#steps(bar.hold, levels)),
    );
    if (text) for (const figure of this.#figures) figure.draw(levels);
  }

  #steps(of: (levels: Levels) => number, levels: Levels | null): number {
    return levels ? Math.round(share(of(levels), this.#plan.scale) * STEPS) : 0;
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

  /** What differs by less than is written is no other value. */
  #read(levels: Levels | null): number | null {
    return levels && written(this.#figure.value(levels));
  }

  /** Whether there is nothing to be said of it; undefined where there never is. */
  #hides(levels: Levels | null): boolean | undefined {
    return this.#note ? !(levels && this.#figure.note!.holds(levels)) : undefined;
  }
}
