import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GCProfiler, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { SoundMeter } from '../../../src/core/audio/index.js';
import { RECORD_SIZE } from '../../../src/core/audio/level-record.js';
import { LevelReporter } from '../../../src/core/audio/level-reporter.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Of 10 000 reports, or quanta, after which what allocates for each of them does so for good. */
const ROUNDS = 100;

/**
 * The least that is allocated by it. Numbers lie on the heap until the engine has compiled what passes them on, which it does
 * beside others at its own time.
 */
function leastAllocated(run: () => void): number {
  let bytes = Infinity;
  for (let round = 0; round < ROUNDS && bytes >= 20_000; round++) bytes = allocated(run);
  return bytes;
}

/** Bytes that are allocated by it. Nothing is collected before they are counted. */
function allocated(run: () => void): number {
  const profiler = new GCProfiler();
  collect();
  profiler.start();
  const had = process.memoryUsage().heapUsed;
  run();
  const has = process.memoryUsage().heapUsed;
  assert.equal(profiler.stop()!.statistics.length, 0, 'nothing was collected meanwhile');
  return has - had;
}

describe('What the audio thread allocates to report', () => {
  it('is nothing', () => {
    const reporter = new LevelReporter(20);
    const port: Pick<MessagePort, 'postMessage' | 'onmessage'> = { onmessage: null, postMessage: () => {} };
    reporter.port = port;
    port.onmessage!.call(port as MessagePort, { data: Infinity } as MessageEvent<number>);
    let written = 0;
    for (const id of [1, 2]) reporter.add(id, { write: () => void written++ });
    let frame = 0;
    const report = (times: number) => {
      for (const end = frame + times; frame < end; frame++) reporter.tick(frame);
    };
    report(20_000);
    assert.equal(written, 40_000);
    const bytes = leastAllocated(() => report(10_000));
    assert.ok(bytes < 20_000, `${bytes} bytes for 10 000 reports`);
  });
});

describe('What the audio thread allocates to write down a meter with loudness', () => {
  it('is no more than the numbers that pass from one function to another', () => {
    const meter = new SoundMeter(48_000, { loudness: true });
    const second = Float32Array.from({ length: 48_000 }, (_, i) => 0.5 * Math.sin(i));
    for (let times = 0; times < 4; times++) meter.process([second, second]);
    const record = new Float64Array(RECORD_SIZE);
    const write = () => {
      for (let times = 0; times < 10_000; times++) meter.write(record, 0, 1);
    };
    write();
    const bytes = leastAllocated(write) / 10_000;
    assert.ok(bytes < 300, `${bytes} bytes`);
  });
});

describe('What the audio thread allocates to measure', () => {
  const sounds: Record<string, (frame: number) => number> = {
    'of a tone': (frame) => 0.5 * Math.sin(frame),
    'of a square at full scale': (frame) => (frame % 64 < 32 ? 1 : -1),
  };
  for (const [name, sample] of Object.entries(sounds))
    for (const loudness of [false, true])
      it(`is nothing, ${name}${loudness ? ', with loudness' : ''}`, () => {
        const meter = new SoundMeter(48_000, { loudness });
        const planes = [0, 1].map((from) => Float32Array.from({ length: 128 }, (_, frame) => sample(from + frame)));
        const measure = () => {
          for (let quantum = 0; quantum < 10_000; quantum++) meter.process(planes);
        };
        measure();
        const bytes = leastAllocated(measure);
        assert.ok(bytes < 20_000, `${bytes} bytes for 10 000 quanta`);
      });
});
