import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** Renders its element again each second, while that shows something that ages and the page can be seen. */
export class SecondHand implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #ages: () => boolean;
  #timer: ReturnType<typeof setInterval> | null = null;

  /** @param ages Asked after each update. */
  constructor(host: ReactiveControllerHost & HTMLElement, ages: () => boolean) {
    this.#host = host;
    this.#ages = ages;
    host.addController(this);
  }

  hostConnected(): void {
    document.addEventListener('visibilitychange', this.#turn);
    this.#turn();
  }

  hostDisconnected(): void {
    document.removeEventListener('visibilitychange', this.#turn);
    this.#stop();
  }

  hostUpdated(): void {
    if (!this.#host.isConnected || document.hidden || !this.#ages()) this.#stop();
    else this.#timer ??= setInterval(this.#tick, 1000);
  }

  /** What is shown is as old as the page was hidden. */
  #turn = (): void => {
    if (document.hidden) this.#stop();
    else this.#tick();
  };

  #tick = (): void => this.#host.requestUpdate();

  #stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }
}
