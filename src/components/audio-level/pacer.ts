import type { LitElement } from 'lit';

/** Milliseconds between two drawings of bars: what Tech 3341 asks for, and half of what each level would cost the page. */
const LIVELY = 100;
/** The same where a person has asked for less motion. */
const CALM = 200;
/** Between two changes of a value: momentary loudness is of 400 ms, and nobody can read more than that. */
const READABLE = 500;

/** What is drawn. */
export interface Drawn {
  /** Whether there would be anything to draw; of values, too, if `text`. */
  differs(text: boolean): boolean;
  /** Draws bars, and values if `text`. */
  draw(text: boolean): void;
}

/**
 * Draws at most once a frame, and nothing while it cannot be seen or is as it was. All of a page draw in the same frames,
 * whenever their levels come: most of what a frame costs, it costs for one meter, too.
 */
export class Pacer {
  /** Those that have something new. */
  static readonly #waiting = new Set<Pacer>();
  static #frame = 0;
  static #late: ReturnType<typeof setTimeout> | undefined;
  static #calm: MediaQueryList | undefined;
  /** When bars may be drawn again. */
  static #due = 0;
  static #textIn = -1;

  readonly #drawn: Drawn;
  readonly #observer: IntersectionObserver;
  #inSight = false;

  constructor(element: LitElement, drawn: Drawn) {
    this.#drawn = drawn;
    this.#observer = new IntersectionObserver((entries) => {
      this.#inSight = entries.at(-1)!.isIntersecting;
      if (!this.#inSight) Pacer.#waiting.delete(this);
      // Colours may be others: what is not displayed has no transition that tells of it.
      element.requestUpdate();
    });
    this.#observer.observe(element);
  }

  /**
   * There is something new.
   * @param now Not only when the next is due
   */
  want(now = false): void {
    if (!this.#inSight) return;
    Pacer.#waiting.add(this);
    if (now) {
      Pacer.#due = 0;
      Pacer.#textIn = -1;
    }
    Pacer.#ask(this);
  }

  close(): void {
    this.#observer.disconnect();
    this.#inSight = false;
    Pacer.#waiting.delete(this);
  }

  /**
   * Asked with all levels of each meter: what it looks at before the frame is little.
   * @param pacer Who has something new; without, all that wait are looked at
   */
  static #ask(pacer?: Pacer): void {
    if (Pacer.#frame) return;
    // Firefox gives a hidden page frames, too, though few. It is listened for once, however often it is asked.
    if (document.hidden) return document.addEventListener('visibilitychange', Pacer.#turned, { once: true });
    const now = performance.now();
    if (now < Pacer.#due) return Pacer.#later();
    const textTurn = Math.floor(now / READABLE);
    const text = textTurn !== Pacer.#textIn;
    if (!(pacer ? pacer.#drawn.differs(text) : [...Pacer.#waiting].some((one) => one.#drawn.differs(text)))) {
      // What waits is as it is shown.
      if (text && !pacer) Pacer.#waiting.clear();
      return Pacer.#later();
    }
    Pacer.#frame = requestAnimationFrame(() => {
      Pacer.#frame = 0;
      if (document.hidden) return Pacer.#turned();
      Pacer.#calm ??= matchMedia('(prefers-reduced-motion: reduce)');
      const pace = Pacer.#calm.matches ? CALM : LIVELY;
      Pacer.#due = (Math.floor(now / pace) + 1) * pace;
      // Since it was asked for, somebody may have wanted to be drawn at once.
      const values = textTurn !== Pacer.#textIn;
      Pacer.#textIn = textTurn;
      for (const one of Pacer.#waiting) one.#drawn.draw(values);
      if (values) Pacer.#waiting.clear();
      else Pacer.#later();
    });
  }

  static readonly #turned = (): void => Pacer.#ask();

  /** What came too soon to be drawn is, though nothing may come after it. */
  static #later(): void {
    Pacer.#late ??= setTimeout(() => {
      Pacer.#late = undefined;
      if (Pacer.#waiting.size > 0) Pacer.#ask();
    }, READABLE);
  }
}
