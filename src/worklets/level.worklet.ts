/**
 * Measures what it hears. It writes nothing to its output, which is only there so that every engine runs it: a meter is
 * never audible.
 */
import { LevelReporter } from '../core/audio/level-reporter.js';
import type { LevelCommand, LevelProcessorOptions } from '../core/audio/level-protocol.js';
import { MOST_CHANNELS, SoundMeter } from '../core/audio/sound-meter.js';

/** One for all meters of this context. */
const reporter = new LevelReporter(sampleRate);

/** What is heard while nothing is connected: silence, in as many channels as there were. */
const zeros = new Float32Array(typeof renderQuantumSize === 'number' ? renderQuantumSize : 128);
const silences = Array.from({ length: MOST_CHANNELS + 1 }, (_, channels) => Array<Float32Array>(channels).fill(zeros));

class LevelProcessor extends AudioWorkletProcessor {
  readonly #meter: SoundMeter;
  readonly #id: number;
  #channels = 1;
  #held = false;
  #over = false;

  constructor(options: AudioWorkletNodeOptions) {
    super();
    const { id, paused, ...wanted } = options.processorOptions as LevelProcessorOptions;
    this.#id = id;
    // Before what may throw: the port of all reports comes through the first processor, be it any good or not.
    this.port.onmessage = ({ data }: MessageEvent<LevelCommand>) => this.#obey(data);
    this.#meter = new SoundMeter(sampleRate, wanted);
    if (paused) this.#meter.loudness?.pause();
    reporter.add(id, this.#meter);
  }

  /** Allocates nothing: to take the list of inputs apart by a pattern would make an iterator each time. */
  override process(inputs: Float32Array[][]): boolean {
    if (this.#over) return this.#end();
    if (this.#held) return true;
    this.#measure(inputs[0]!);
    reporter.tick(currentFrame);
    return true;
  }

  #measure(input: Float32Array[]): void {
    if (input.length > 0) this.#channels = Math.min(input.length, MOST_CHANNELS);
    this.#meter.process(input.length > 0 ? input : silences[this.#channels]!);
  }

  #obey(command: LevelCommand): void {
    if (command instanceof MessagePort) reporter.port = command;
    else if (command === 'reset') this.#meter.reset(this.#held);
    else if (command === 'pause') this.#meter.loudness?.pause();
    else if (command === 'resume') this.#meter.loudness?.resume();
    else if (command === 'loudness') this.#meter.measureLoudness();
    else if (command === 'hold') this.#held = true;
    else if (command === 'go') {
      this.#held = false;
      this.#meter.truePeak?.part();
    } else {
      this.#over = true;
      reporter.remove(this.#id);
    }
  }

  /** A processor that goes on saying true is never let go; that this one no longer does is told. */
  #end(): false {
    this.port.postMessage(null);
    this.port.close();
    return false;
  }
}

registerProcessor('onair-level', LevelProcessor);
