import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** Renders its element again each second, while that shows something that ages and can be seen. */
export class SecondHand implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #ages: () => boolean;
  /** Until somebody says otherwise. */
  #inSight = true;
  #observer: IntersectionObserver | null = null;
  #timer: ReturnType<typeof setInterval> | null = null;

  /** @param ages Asked after each update. */
  constructor(host: ReactiveControllerHost & HTMLElement, ages: () => boolean) {
    this.#host = host;
    this.#ages = ages;
    host.addController(this);
  }

  hostConnected(): void {
    document.addEventListener('visibilitychange', this.#turn);
    this.#observer = new IntersectionObserver((entries) => {
      this.#inSight = entries.at(-1)!.isIntersecting;
      this.#turn();
    });
    this.#observer.observe(this.#host);
    this.#turn();
  }

  hostDisconnected(): void {
    document.removeEventListener('visibilitychange', this.#turn);
    this.#observer?.disconnect();
    this.#inSight = true;
    this.#stop();
  }

  hostUpdated(): void {
    if (!this.#host.isConnected || !this.#seen || !this.#ages()) this.#stop();
    else this.#timer ??= setInterval(this.#tick, 1000);
  }

  get #seen(): boolean {
    return this.#inSight && !document.hidden;
  }

  /** What is shown is as old as it was out of sight. */
  #turn = (): void => {
    if (this.#seen) this.#tick();
    else this.#stop();
  };

  #tick = (): void => this.#host.requestUpdate();

  #stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }
}
