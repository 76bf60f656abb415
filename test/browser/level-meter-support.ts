import { LevelMeter } from '../../dist/core/audio/index.js';
import type { LevelMeterOptions, Levels } from '../../dist/core/audio/index.js';
import { waitUntil } from './wait.js';

const meters: LevelMeter[] = [];
const contexts: AudioContext[] = [];

export function meter(options: LevelMeterOptions = {}): LevelMeter {
  const made = new LevelMeter(options);
  meters.push(made);
  return made;
}

export function context(sampleRate?: number): AudioContext {
  const made = new AudioContext(sampleRate ? { sampleRate } : {});
  contexts.push(made);
  return made;
}

export interface Sounding {
  readonly stream: MediaStream;
  readonly track: MediaStreamTrack;
  readonly gain: AudioParam;
}

/** A sine in a stream; `gain` is its amplitude. */
export function sounding(amplitude = 0.5, sampleRate?: number): Sounding {
  const from = context(sampleRate);
  const oscillator = new OscillatorNode(from, { frequency: 997 });
  const gain = new GainNode(from, { gain: amplitude });
  const to = new MediaStreamAudioDestinationNode(from);
  oscillator.connect(gain).connect(to);
  oscillator.start();
  return { stream: to.stream, track: to.stream.getAudioTracks()[0]!, gain: gain.gain };
}

export const until = (what: string, holds: () => boolean) => waitUntil(holds, what, { timeout: 10_000, interval: 20 });

/** The first levels that fit. */
export async function levels(of: LevelMeter, what: string, fit: (levels: Levels) => boolean): Promise<Levels> {
  await until(what, () => of.levels !== null && fit(of.levels));
  return of.levels!;
}

export const loud = ({ channels }: Levels) => channels.some(({ rms }) => rms > -40);

/** For `afterEach`. */
export async function tidy(): Promise<void> {
  for (const made of meters.splice(0)) made.close();
  await Promise.all(contexts.splice(0).map((made) => made.close().catch(() => {})));
}
