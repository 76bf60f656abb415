import { keepRunning } from '../audio/index.js';
import { loadWorklet } from '../load-worklet.js';
import { fault } from '../faults.js';
import { timed, type Metrics } from '../metrics/index.js';
import type { AudioInput } from './protocol.js';

/** What becomes of a sound on its way to a worker. */
export interface SoundTold {
  /** The browser holds it back until a gesture, or no longer. */
  onSuspended(suspended: boolean): void;
  /** The worker takes no more, and what was to come next is lost: the take is to end. */
  onClogged(): void;
}

/** Samples from an AudioWorklet straight to the worker's port, where there is no processor for tracks (Firefox, Safari). */
export async function openSoundPort(
  track: MediaStreamTrack,
  { onSuspended, onClogged }: SoundTold,
  metrics: Metrics | null,
): Promise<{
  input: AudioInput;
  transfer: Transferable[];
  /** Another track on the same port; false where the browser refuses it (Firefox, a microphone of another rate). */
  replace(track: MediaStreamTrack): boolean;
  close(): void;
}> {
  const context = new AudioContext({ latencyHint: 'interactive' });
  const kept = keepRunning(context, onSuspended);
  const close = () => {
    kept.close();
    void context.close().catch(() => {});
  };
  try {
    await timed(metrics, 'asset:load', loadWorklet(context, 'pcm'));
    const node = new AudioWorkletNode(context, 'onair-pcm', { numberOfOutputs: 0 });
    const connect = (track: MediaStreamTrack) => {
      const source = new MediaStreamAudioSourceNode(context, { mediaStream: new MediaStream([track]) });
      source.connect(node);
      return source;
    };
    let source = connect(track);
    const { port1, port2 } = new MessageChannel();
    node.port.onmessage = onClogged;
    node.port.postMessage(port1, [port1]);
    const replace = (other: MediaStreamTrack) => {
      try {
        const next = connect(other);
        source.disconnect();
        source = next;
        return true;
      } catch {
        return false;
      }
    };
    return { input: { via: 'port', port: port2 }, transfer: [port2], replace, close };
  } catch (cause) {
    close();
    throw fault('no-encoder', {}, { cause });
  }
}
