/** What an AudioWorkletGlobalScope has; TypeScript's own libraries leave it out (Web Audio API 1.1, section 1.32). */
declare const sampleRate: number;
declare const currentFrame: number;
/** Not yet everywhere; 128 where it is not. */
declare const renderQuantumSize: number | undefined;
declare abstract class AudioWorkletProcessor {
  readonly port: MessagePort;
  abstract process(
    inputs: Float32Array[][],
    outputs: Float32Array[][],
    parameters: Record<string, Float32Array>,
  ): boolean;
}
declare function registerProcessor(
  name: string,
  processor: new (options: AudioWorkletNodeOptions) => AudioWorkletProcessor,
): void;
