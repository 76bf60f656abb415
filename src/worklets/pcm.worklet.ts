/**
 * Posts what it hears, in blocks, to a port that it is given: from the audio thread to the record worker, past the page.
 * It has no output, so nothing of it is ever heard.
 */
const BLOCK = 1024;

class PcmProcessor extends AudioWorkletProcessor {
  #port: MessagePort | null = null;
  #planes: Float32Array[] = [];
  #filled = 0;

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<MessagePort>) => (this.#port = data);
  }

  override process([input]: Float32Array[][]): boolean {
    if (!this.#port || !input?.length) return true;
    if (this.#planes.length !== input.length) this.#begin(input.length);
    input.forEach((samples, channel) => this.#planes[channel]!.set(samples, this.#filled));
    this.#filled += input[0]!.length;
    if (this.#filled === BLOCK) {
      // The buffers go along with the message, so that nothing is copied.
      this.#port.postMessage(
        { planes: this.#planes, sampleRate },
        this.#planes.map((plane) => plane.buffer),
      );
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
