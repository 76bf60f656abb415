/**
 * A part of the record worker that is loaded on demand: AAC by WebAssembly, for MP4 where the platform has no AAC encoder
 * (Chromium without proprietary codecs, Firefox). Bundled with a muxer of its own, which hands the packets over.
 */
import { registerAacEncoder } from '@mediabunny/aac-encoder';
import { AudioSample, AudioSampleSource, Mp4OutputFormat, NullTarget, Output } from 'mediabunny';
import type { SoundEncoder, SoundEncoderOptions } from '../core/encode/index.js';
import { forgetFragments } from '../core/record/forget-fragments.js';

let registered = false;

export function openAacEncoder({ config, onPacket, onFailure }: SoundEncoderOptions): SoundEncoder {
  if (!registered) registerAacEncoder();
  registered = true;
  const source = new AudioSampleSource({
    codec: 'aac',
    bitrate: config.bitrate!,
    onEncodedPacket: ({ data, timestamp, duration }, meta) =>
      onPacket({ data, timestamp: Math.max(0, timestamp), duration }, meta),
  });
  const output: Output = new Output({
    format: new Mp4OutputFormat({ fastStart: 'fragmented', onMoof: () => forgetFragments(output) }),
    target: new NullTarget(),
  });
  output.addAudioTrack(source);
  let work = output.start();
  const then = (step: () => Promise<void>) => (work = work.then(step).catch(onFailure));
  return {
    encode(samples) {
      const sample = new AudioSample(samples.clone());
      void then(() => source.add(sample).finally(() => sample.close()));
    },
    flush: () => then(() => output.finalize()),
    close() {
      if (output.state !== 'finalized') void output.cancel().catch(() => {});
    },
  };
}
