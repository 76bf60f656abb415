import { Pump, type PumpHandlers } from './pump.js';

export interface RelayHandlers<T> extends PumpHandlers<T> {
  /** The values from here on are of another source; the last one of the source before has been handled. */
  onTurn(): void;
}

/** Reads one source after another, as one: the next takes over with the first value that it delivers. */
export class Relay<T extends { close(): void }> {
  #pump: Pump<T>;
  #next: Pump<T> | null = null;
  #turning: Promise<void> = Promise.resolve();

  constructor(
    stream: ReadableStream<T>,
    private readonly handlers: RelayHandlers<T>,
  ) {
    this.#pump = this.#read(stream);
  }

  /** Resolves when the last value has been handled; never rejects. */
  get done(): Promise<unknown> {
    return Promise.all([this.#pump.done, this.#next?.done]);
  }

  /** @param now without waiting for a first value: nothing is wanted of the source before */
  follow(stream: ReadableStream<T>, now: boolean): void {
    void this.#next?.stop();
    this.#next = this.#read(stream);
    if (now) this.#turn(this.#next);
  }

  async stop(): Promise<void> {
    await Promise.all([this.#pump.stop(), this.#next?.stop()]);
  }

  #read(stream: ReadableStream<T>): Pump<T> {
    const { each, onFailure, onEnd } = this.handlers;
    const pump: Pump<T> = new Pump(stream, {
      each: async (value) => {
        if (pump === this.#next) this.#turn(pump);
        const turning = this.#turning;
        if (pump !== this.#pump) return value.close();
        await turning;
        await each(value);
      },
      onFailure,
      onEnd: () => {
        if (pump === this.#next) this.#next = null;
        else if (pump === this.#pump && !this.#next) onEnd();
      },
    });
    return pump;
  }

  #turn(next: Pump<T>): void {
    const before = this.#pump;
    this.#pump = next;
    this.#next = null;
    this.#turning = (async () => {
      await this.#turning;
      await before.stop();
      await before.done;
      this.handlers.onTurn();
    })();
  }
}
