import { SampleGate } from '../core/record/underway.js';

/**
 * Posts what it hears, in blocks, to a port that it is given: from the audio thread to the record worker, past the page.
 * It has no output, so nothing of it is ever heard. The worker answers with the bytes that it has taken; `clogged` is told
 * to the page when it takes no more.
 */
const BLOCK = 1024;

class PcmProcessor extends AudioWorkletProcessor {
  #port: MessagePort | null = null;
  #planes: Float32Array[] = [];
  #filled = 0;
  readonly #gate = new SampleGate(() => this.port.postMessage('clogged'));

  constructor() {
    super();
    this.port.onmessage = ({ data: port }: MessageEvent<MessagePort>) => {
      this.#port = port;
      port.onmessage = ({ data }: MessageEvent<number>) => this.#gate.taken(data);
    };
  }

  override process([input]: Float32Array[][]): boolean {
    if (!this.#port || !input?.length) return true;
    if (this.#planes.length !== input.length) this.#begin(input.length);
    input.forEach((samples, channel) => this.#planes[channel]!.set(samples, this.#filled));
    this.#filled += input[0]!.length;
    if (this.#filled === BLOCK) {
      // The buffers go along with the message, so that nothing is copied.
      if (this.#gate.give(input.length * this.#planes[0]!.byteLength)) {
        this.#port.postMessage(
          { planes: this.#planes, sampleRate },
          this.#planes.map((plane) => plane.buffer),
        );
      }
      this.#begin(input.length);
    }
    return true;
  }

  #begin(channels: number): void {
    this.#planes = Array.from({ length: channels }, () => new Float32Array(BLOCK));
    this.#filled = 0;
  }
}

registerProcessor('onair-pcm', PcmProcessor);
