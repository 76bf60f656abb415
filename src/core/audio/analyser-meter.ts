import type { LevelCommand } from './level-protocol.js';
import { readLevels, RECORD_SIZE } from './level-record.js';
import type { MeterListener } from './meter-context.js';
import { SoundMeter } from './sound-meter.js';

/** Milliseconds between two looks: 20 a second. */
const LOOK = 50;
/** Frames that an AnalyserNode keeps: 85 ms at 48 kHz. What comes while the page hangs for longer is missed. */
const KEPT = 4096;

/**
 * Where no worklet may run: peak and RMS of what an AnalyserNode has kept, all channels mixed to one. It misses sound
 * while the page hangs, and so it counts nothing.
 */
export class AnalyserMeter {
  readonly node: AnalyserNode;
  readonly #meter: SoundMeter;
  readonly #samples = new Float32Array(KEPT);
  readonly #record = new Float64Array(RECORD_SIZE);
  readonly #timer: ReturnType<typeof setInterval>;
  #lookedAt: number;

  constructor(context: BaseAudioContext, listener: MeterListener) {
    this.node = new AnalyserNode(context, { fftSize: KEPT });
    this.#meter = new SoundMeter(context.sampleRate);
    this.#lookedAt = context.currentTime;
    this.#timer = setInterval(() => this.#look(listener), LOOK);
  }

  command(command: LevelCommand): void {
    if (command === 'reset') this.#meter.reset();
    else if (command === 'stop') clearInterval(this.#timer);
  }

  #look(listener: MeterListener): void {
    const { currentTime, sampleRate } = this.node.context;
    const frames = Math.min(KEPT, Math.round((currentTime - this.#lookedAt) * sampleRate));
    this.#lookedAt = currentTime;
    if (frames <= 0) return;
    this.node.getFloatTimeDomainData(this.#samples);
    this.#meter.process([this.#samples.subarray(KEPT - frames)]);
    this.#meter.write(this.#record, 0, 0);
    listener.levels(readLevels(this.#record, 0, false));
  }
}
