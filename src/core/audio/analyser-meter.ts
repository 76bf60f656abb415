import type { OnAirError } from '../errors.js';
import { spoken } from '../messages.js';
import type { LevelCommand } from './level-protocol.js';
import { readLevels, RECORD_SIZE } from './level-record.js';
import type { MeterListener } from './meter-context.js';
import { SoundMeter } from './sound-meter.js';

/** Milliseconds between two looks: 20 a second. */
const LOOK = 50;
/** Seconds that an AnalyserNode keeps, at least. What comes while the page hangs for longer is missed. */
const KEPT = 0.085;

/** What it cannot measure, and why, in English. */
const sentences = {
  'worker-blocked.meter':
    "Only peak and RMS are shown; loudness, true peak, clipping and silence are not measured. The security policy of this page stops the meter: its owner has to allow it (script-src 'self').",
  'worker-blocked.insecure':
    'Only peak and RMS are shown; loudness, true peak, clipping and silence are measured on secure pages only. Open this page over https.',
} as const;

/** A page that is not secure has no worklets, whatever its policy is. */
export const lessMeasured = (cause: unknown): OnAirError =>
  spoken(
    'worker-blocked',
    isSecureContext ? 'worker-blocked.meter' : 'worker-blocked.insecure',
    sentences,
    {},
    {
      cause,
      fatal: false,
    },
  );

/**
 * Where no worklet may run: peak and RMS of what an AnalyserNode has kept, all channels mixed to one. It misses sound
 * while the page hangs, and so it counts nothing.
 */
export class AnalyserMeter {
  readonly node: AnalyserNode;
  readonly #meter: SoundMeter;
  readonly #samples: Float32Array<ArrayBuffer>;
  readonly #record = new Float64Array(RECORD_SIZE);
  readonly #timer: ReturnType<typeof setInterval>;
  #lookedAt: number;
  #held = false;

  constructor(context: BaseAudioContext, listener: MeterListener) {
    // A power of two: 4096 at 48 kHz.
    const fftSize = 2 ** Math.ceil(Math.log2(KEPT * context.sampleRate));
    this.node = new AnalyserNode(context, { fftSize });
    this.#samples = new Float32Array(fftSize);
    this.#meter = new SoundMeter(context.sampleRate);
    this.#lookedAt = context.currentTime;
    this.#timer = setInterval(() => this.#look(listener), LOOK);
  }

  command(command: LevelCommand): void {
    if (command === 'reset') this.#meter.reset(this.#held);
    else if (command === 'stop') clearInterval(this.#timer);
    else if (command === 'hold') this.#held = true;
    else if (command === 'go' && this.#held) {
      this.#held = false;
      // What the node has kept came while there was no source.
      this.#lookedAt = this.node.context.currentTime;
    }
  }

  #look(listener: MeterListener): void {
    if (this.#held) return;
    const { currentTime, sampleRate } = this.node.context;
    const samples = this.#samples;
    const frames = Math.min(samples.length, Math.round((currentTime - this.#lookedAt) * sampleRate));
    this.#lookedAt = currentTime;
    if (frames <= 0) return;
    this.node.getFloatTimeDomainData(samples);
    this.#meter.process([samples.subarray(samples.length - frames)]);
    this.#meter.write(this.#record, 0, 0);
    listener.levels(readLevels(this.#record, 0, false));
  }
}
