/**
 * Milliseconds between two drawings: what Tech 3341 asks for, and half of what each level would cost the page. Where a
 * person has asked for less motion, twice as many.
 */
const LIVELY = 100;
const CALM = 200;

/** Those of the page that have something new. */
const waiting = new Set<Pacer>();
let frame = 0;
let drawnIn = -1;

/**
 * Draws at most once a frame, and nothing while it cannot be seen. All of a page draw in the same frames, whenever their
 * levels come: most of what a frame costs it costs for one meter, too.
 */
export class Pacer {
  readonly #draw: () => void;
  readonly #observer: IntersectionObserver;
  readonly #calm = matchMedia('(prefers-reduced-motion: reduce)');
  #inSight = false;

  constructor(element: Element, draw: () => void) {
    this.#draw = draw;
    this.#observer = new IntersectionObserver((entries) => {
      this.#inSight = entries.at(-1)!.isIntersecting;
      this.want(true);
    });
    this.#observer.observe(element);
  }

  /**
   * There is something new. A page that is hidden gives no frame, and so the one that was asked for shows what is new
   * when it is seen again.
   * @param now Not only when the next is due
   */
  want(now = false): void {
    if (!this.#inSight) return;
    waiting.add(this);
    const turn = Math.floor(performance.now() / (this.#calm.matches ? CALM : LIVELY));
    if (frame || (turn === drawnIn && !now)) return;
    frame = requestAnimationFrame(() => {
      frame = 0;
      drawnIn = turn;
      for (const pacer of waiting) if (pacer.#inSight) pacer.#draw();
      waiting.clear();
    });
  }

  close(): void {
    this.#observer.disconnect();
    this.#inSight = false;
    waiting.delete(this);
  }
}
