import { RECORD_SIZE } from './level-record.js';
import type { SoundMeter } from './sound-meter.js';

/** Reports a second. */
const RATE = 20;

interface Entry {
  readonly id: number;
  readonly meter: Pick<SoundMeter, 'write'>;
}

/**
 * What the audio thread tells the page: one message for all meters of its context, 20 times a second. The page says how
 * many it will take: those for one that hangs, or is frozen, must not pile up. Counts are totals, so nothing is missed, and
 * the newest comes as soon as the page reads again.
 */
export class LevelReporter {
  readonly #interval: number;
  #meters: readonly Entry[] = [];
  #records = new Float64Array(0);
  #port: Pick<MessagePort, 'postMessage' | 'onmessage'> | null = null;
  /** Frame of the next report. Not in a field of its own: there it would grow beyond small integers, see `SampleLevels`. */
  readonly #due = new Float64Array(1);
  #credit = 0;
  /** The first is due at once: it says that the audio thread listens. */
  #withheld = true;

  constructor(sampleRate: number) {
    this.#interval = sampleRate / RATE;
  }

  /** Where to. What comes from there is how many more reports will be read. */
  set port(port: Pick<MessagePort, 'postMessage' | 'onmessage'>) {
    this.#port = port;
    this.#credit = 0;
    port.onmessage = ({ data }: MessageEvent<number>) => {
      this.#credit += data;
      if (this.#withheld && this.#credit > 0) this.#report();
    };
  }

  add(id: number, meter: Pick<SoundMeter, 'write'>): void {
    this.#take([...this.#meters, { id, meter }]);
  }

  remove(id: number): void {
    this.#take(this.#meters.filter((one) => one.id !== id));
  }

  /** Called by each meter in each quantum; `frame` is of the context, and the first that is late enough tells of all. */
  tick(frame: number): void {
    if (frame < this.#due[0]!) return;
    this.#due[0]! += this.#interval;
    // One that has just begun, or was held up, makes up for nothing.
    if (this.#due[0]! <= frame) this.#due[0] = frame + this.#interval;
    if (this.#credit > 0) this.#report();
    else this.#withheld = true;
  }

  #report(): void {
    this.#withheld = false;
    // Neither a closure nor an iterator, which would be made for each report.
    for (let i = 0; i < this.#meters.length; i++) {
      const one = this.#meters[i]!;
      one.meter.write(this.#records, i * RECORD_SIZE, one.id);
    }
    this.#credit--;
    this.#port?.postMessage(this.#records);
  }

  /** Makes room for the records here, and not with each report. */
  #take(meters: readonly Entry[]): void {
    this.#meters = meters;
    this.#records = new Float64Array(meters.length * RECORD_SIZE);
  }
}
