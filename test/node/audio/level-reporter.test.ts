import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SoundMeter } from '../../../src/core/audio/index.js';
import { readLevels, RECORD_SIZE } from '../../../src/core/audio/level-record.js';
import { LevelReporter } from '../../../src/core/audio/level-reporter.js';

const RATE = 48_000;
const QUANTUM = 128;

/** An audio thread with meters of one context, and the page's end of their port. */
function thread(meters = 1, sampleRate = RATE) {
  const reporter = new LevelReporter(sampleRate);
  const port: { onmessage: ((event: MessageEvent<number>) => void) | null; postMessage(data: Float64Array): void } = {
    onmessage: null,
    // What is posted is a copy.
    postMessage: (data) => void told.push(data.slice()),
  };
  const told: Float64Array[] = [];
  reporter.port = port as Pick<MessagePort, 'postMessage' | 'onmessage'>;
  const all = Array.from({ length: meters }, () => new SoundMeter(sampleRate));
  all.forEach((meter, i) => reporter.add(i + 1, meter));
  // A context may have run for long before it is metered.
  let frame = 100 * sampleRate;
  return {
    reporter,
    told,
    all,
    read: (reports = 1) => port.onmessage!({ data: reports } as MessageEvent<number>),
    run(seconds: number, sample = 0) {
      const planes = [new Float32Array(QUANTUM).fill(sample)];
      for (const end = frame + seconds * sampleRate; frame < end; frame += QUANTUM)
        for (const meter of all) {
          meter.process(planes);
          reporter.tick(frame);
        }
    },
  };
}

describe('What the audio thread tells', () => {
  it('is one message for all meters, 20 times a second', () => {
    const { told, read, run } = thread(3);
    read(100);
    run(1, 0.5);
    // The first comes at once.
    assert.ok(told.length >= 20 && told.length <= 21, `${told.length} messages`);
    const last = told.at(-1)!;
    assert.equal(last.length, 3 * RECORD_SIZE);
    for (const i of [0, 1, 2]) {
      assert.equal(last[i * RECORD_SIZE], i + 1);
      assert.ok(Math.abs(readLevels(last, i * RECORD_SIZE).channels[0]!.peak - 20 * Math.log10(0.5)) < 0.1);
    }
  });

  it('comes 20 times a second at every rate, though that is no whole number of quanta', () => {
    for (const sampleRate of [8000, 16_000, 44_100, 48_000, 192_000]) {
      const { told, read, run } = thread(2, sampleRate);
      read(Infinity);
      run(20);
      assert.ok(Math.abs(told.length - 400) <= 1, `${told.length} messages in 20 s at ${sampleRate} Hz`);
    }
  });

  it('makes up for nothing where the audio thread was held up', () => {
    const { reporter, told, read } = thread();
    read(Infinity);
    reporter.tick(200 * RATE);
    reporter.tick(300 * RATE);
    const before = told.length;
    for (let quantum = 1; quantum <= 15; quantum++) reporter.tick(300 * RATE + quantum * QUANTUM);
    assert.equal(told.length - before, 0);
  });

  it('waits for a page that hangs, misses no clip meanwhile, and comes as soon as it reads again', () => {
    const { told, read, run } = thread();
    read(4);
    run(1);
    assert.equal(told.length, 4);
    run(0.01, 1);
    run(1);
    assert.equal(told.length, 4);
    read();
    assert.equal(told.length, 5);
    assert.equal(readLevels(told[4]!).clips, 1);
    assert.equal(readLevels(told[4]!).clippedSamples, 4 * QUANTUM);
  });

  it('is of no meter that was removed', () => {
    const { reporter, told, read, run } = thread(2);
    read(100);
    reporter.remove(1);
    run(0.1);
    assert.equal(told.at(-1)!.length, RECORD_SIZE);
    assert.equal(told.at(-1)![0], 2);
  });
});
