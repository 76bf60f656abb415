/**
 * Milliseconds between two drawings: what Tech 3341 asks for, and half of what each level would cost the page. Where a
 * person has asked for less motion, twice as many.
 */
const LIVELY = 100;
const CALM = 200;

/** Draws at most once a frame, and nothing while it cannot be seen. All of a page draw in the same frames. */
export class Pacer {
  readonly #draw: () => void;
  readonly #observer: IntersectionObserver;
  readonly #calm = matchMedia('(prefers-reduced-motion: reduce)');
  #inSight = false;
  #frame = 0;
  #drawnIn = -1;

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
    const turn = Math.floor(performance.now() / (this.#calm.matches ? CALM : LIVELY));
    if (!this.#inSight || this.#frame || (turn === this.#drawnIn && !now)) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#drawnIn = turn;
      if (this.#inSight) this.#draw();
    });
  }

  close(): void {
    this.#observer.disconnect();
    cancelAnimationFrame(this.#frame);
    this.#inSight = false;
  }
}
