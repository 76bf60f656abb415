/** Steps that a bar moves in: a pixel of most. */
export const STEPS = 400;

/** Where a bar is on the canvas, in its pixels: along the way that bars go, and across it. */
interface Lane {
  readonly along: number;
  readonly length: number;
  readonly across: number;
  readonly thickness: number;
}

/**
 * One canvas over all bars of a meter. It covers each from where its level ends, and has the marks of the highest: style,
 * layout and layers know nothing of what moves in it, which costs a page half of what transforms do. Most of what a canvas
 * costs, it costs however small it is: so there is one.
 *
 * Its pixels are those of the screen. It is fitted, and painted anew, when the size of it or of its bars is another, or a
 * colour that the page gives it: a transition tells of that.
 */
export class Board {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #bars: readonly HTMLElement[];
  readonly #vertical: boolean;
  readonly #fitted: () => void;
  readonly #observer: ResizeObserver;
  /** Pixels of the screen. */
  #width = 0;
  #height = 0;
  /** None while it has no size, or is scaled to none. */
  #lanes: readonly Lane[] = [];
  /** Steps that each bar is long, and at which its mark stands; 0 for no mark. */
  readonly #lengths: number[];
  readonly #marks: number[];
  /** Pixels: how far the ends of bars are rounded, how wide a mark is, and each of its rims. */
  #radius = 0;
  #line = 0;
  #rim = 0;
  #colors = { none: '', line: '', rim: '' };

  /** @param fitted Called when all bars are empty, and are to be drawn */
  constructor(canvas: HTMLCanvasElement, bars: readonly HTMLElement[], vertical: boolean, fitted: () => void) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d')!;
    this.#bars = bars;
    this.#vertical = vertical;
    this.#fitted = fitted;
    this.#lengths = bars.map(() => 0);
    this.#marks = bars.map(() => 0);
    this.#observer = new ResizeObserver((entries) => {
      for (const entry of entries) if (entry.target === canvas) this.#measure(entry);
      this.#fit();
    });
    // Safari does not know it.
    const exact = 'devicePixelContentBoxSize' in ResizeObserverEntry.prototype;
    this.#observer.observe(canvas, { box: exact ? 'device-pixel-content-box' : 'content-box' });
    // One may be thicker without any more room.
    for (const bar of bars) this.#observer.observe(bar);
    canvas.ontransitionend = () => this.#fit();
  }

  close(): void {
    this.#observer.disconnect();
  }

  /** Whether there would be anything to paint. */
  differs(bar: number, length: number, mark: number): boolean {
    if (this.#lanes.length === 0) return this.#width > 0;
    return length !== this.#lengths[bar] || mark !== this.#marks[bar];
  }

  /** Paints a bar, and only where it is another. */
  draw(bar: number, length: number, mark: number): void {
    const lane = this.#lanes[bar];
    if (!lane) {
      if (this.#width > 0) this.#fit();
      return;
    }
    if (!this.differs(bar, length, mark)) return;
    const lengths = [this.#lengths[bar]!, length].map((steps) => this.#end(lane, steps));
    const marks = [this.#marks[bar]!, mark].map((steps) => this.#foot(lane, steps));
    const moved = marks[0] === marks[1] ? lengths : [...lengths, ...marks, ...marks.map((at) => at + this.#wide)];
    this.#lengths[bar] = length;
    this.#marks[bar] = mark;
    this.#paint(bar, Math.min(...moved), Math.max(...moved));
  }

  get #wide(): number {
    return this.#line + 2 * this.#rim;
  }

  /** Pixels from the beginning of a bar to its end. */
  #end({ length }: Lane, steps: number): number {
    return Math.round((steps / STEPS) * length);
  }

  /** Pixels from there to its mark, which stands on the end of what is as long: at both ends one rim lies outside. */
  #foot({ length }: Lane, steps: number): number {
    return steps === 0 ? -this.#wide : Math.round((steps / STEPS) * (length - this.#line)) - this.#rim;
  }

  #measure({ devicePixelContentBoxSize, contentRect }: ResizeObserverEntry): void {
    const [exact] = (devicePixelContentBoxSize as readonly ResizeObserverSize[] | undefined) ?? [];
    this.#width = exact?.inlineSize ?? Math.round(contentRect.width * devicePixelRatio);
    this.#height = exact?.blockSize ?? Math.round(contentRect.height * devicePixelRatio);
  }

  #fit(): void {
    const canvas = this.#canvas;
    const context = this.#context;
    // Which empties it, and sets its axes back.
    canvas.width = this.#width;
    canvas.height = this.#height;
    this.#lanes = [];
    const frame = canvas.getBoundingClientRect();
    if (this.#width === 0 || frame.width === 0 || frame.height === 0) return;
    const { color, borderTopColor, borderLeftColor } = getComputedStyle(canvas);
    this.#colors = { none: color, line: borderTopColor, rim: borderLeftColor };
    const pixel = this.#width / canvas.clientWidth;
    this.#rim = Math.max(1, Math.round(pixel));
    this.#line = 2 * this.#rim;
    // Upright bars go up.
    if (this.#vertical) context.setTransform(0, -1, 1, 0, 0, this.#height);
    this.#lanes = this.#bars.map((bar) => this.#lane(bar, frame, pixel));
    this.#radius = parseFloat(getComputedStyle(this.#bars[0]!).borderTopLeftRadius) * pixel;
    this.#lengths.fill(0);
    this.#marks.fill(0);
    this.#lanes.forEach(({ length }, bar) => this.#paint(bar, 0, length));
    this.#fitted();
  }

  /** By shares of what the canvas takes, so that a page may scale or zoom all of it. */
  #lane(bar: HTMLElement, frame: DOMRect, pixel: number): Lane {
    const box = bar.getBoundingClientRect();
    const border = bar.clientTop * pixel;
    // No pixel of a bar may be seen beside what covers it: where it takes a part of one, that is covered.
    const first = (share: number, size: number) => Math.floor(share * size + border + 0.01);
    const last = (share: number, size: number) => Math.ceil(share * size - border - 0.01);
    const left = first((box.left - frame.left) / frame.width, this.#width);
    const right = last((box.right - frame.left) / frame.width, this.#width);
    const top = first((box.top - frame.top) / frame.height, this.#height);
    const bottom = last((box.bottom - frame.top) / frame.height, this.#height);
    return this.#vertical
      ? { along: this.#height - bottom, length: bottom - top, across: left, thickness: right - left }
      : { along: left, length: right - left, across: top, thickness: bottom - top };
  }

  /** A bar between two of its pixels; an end that is rounded is painted as a whole. */
  #paint(bar: number, from: number, to: number): void {
    const context = this.#context;
    const lane = this.#lanes[bar]!;
    const { along, across, length, thickness } = lane;
    const first = from < this.#radius ? 0 : from;
    const last = to > length - this.#radius ? length : to;
    if (first >= last) return;
    context.clearRect(along + first, across, last - first, thickness);
    const fill = (color: string, begin: number, end: number, radius: number) => {
      const at = Math.max(first, begin);
      const size = Math.min(last, end) - at;
      if (size <= 0) return;
      const near = Math.max(0, radius - at);
      const far = Math.max(0, radius - (length - at - size));
      context.fillStyle = color;
      if (near + far === 0) return context.fillRect(along + at, across, size, thickness);
      context.beginPath();
      context.roundRect(along + at, across, size, thickness, [near, far, far, near]);
      context.fill();
    };
    const foot = this.#foot(lane, this.#marks[bar]!);
    fill(this.#colors.none, this.#end(lane, this.#lengths[bar]!), length, this.#radius);
    fill(this.#colors.rim, foot, foot + this.#wide, 0);
    fill(this.#colors.line, foot + this.#rim, foot + this.#rim + this.#line, 0);
  }
}
