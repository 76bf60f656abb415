import { loadWorklet } from '../load-worklet.js';
import { fault } from '../faults.js';
import type { AudioInput } from './protocol.js';

/** Samples from an AudioWorklet straight to the worker's port, where there is no processor for tracks (Firefox, Safari). */
export async function openSoundPort(
  track: MediaStreamTrack,
): Promise<{ input: AudioInput; transfer: Transferable[]; close(): void }> {
  const context = new AudioContext({ latencyHint: 'interactive' });
  const close = () => void context.close().catch(() => {});
  try {
    await loadWorklet(context, 'pcm');
    const source = new MediaStreamAudioSourceNode(context, { mediaStream: new MediaStream([track]) });
    const node = new AudioWorkletNode(context, 'onair-pcm', { numberOfOutputs: 0 });
    const { port1, port2 } = new MessageChannel();
    node.port.postMessage(port1, [port1]);
    source.connect(node);
    void context.resume().catch(() => {});
    return { input: { via: 'port', port: port2 }, transfer: [port2], close };
  } catch (cause) {
    close();
    throw fault('no-encoder', {}, { cause });
  }
}
