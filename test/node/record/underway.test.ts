import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { ToWorker } from '../../../src/core/record/protocol.js';
import { serveRecord } from '../../../src/core/record/serve-record.js';
import { FrameGate, MOST_UNDERWAY, SampleGate } from '../../../src/core/record/underway.js';
import { asFrame, FakeFrame, forgetEncoded, frameAt, useCodecFakes } from './codec-fakes.js';

describe('what is on its way to a worker', () => {
  useCodecFakes();
  beforeEach(forgetEncoded);

  it('is three frames at most; the rest are closed, and told with the next one', () => {
    const sent: number[] = [];
    const gate = new FrameGate((_, givenUp) => sent.push(givenUp));
    for (let frame = 0; frame < 10; frame++) gate.give(asFrame(frameAt(frame)));
    assert.deepEqual(sent, [0, 0, 0]);
    assert.equal(FakeFrame.open.size, 3);
    gate.taken();
    gate.give(asFrame(frameAt(10)));
    gate.give(asFrame(frameAt(11)));
    gate.taken();
    gate.give(asFrame(frameAt(12)));
    assert.deepEqual(sent, [0, 0, 0, 7, 1]);
  });

  it('is told frame by frame by a worker that has taken them, also when no take runs', () => {
    const told: unknown[] = [];
    const port = {
      onmessage: null as ((event: MessageEvent) => void) | null,
      postMessage: (m: unknown) => told.push(m),
    };
    serveRecord(port);
    const message: ToWorker = { type: 'frame', frame: asFrame(frameAt(0)), givenUp: 0 };
    port.onmessage!({ data: message } as MessageEvent);
    assert.deepEqual(told, [{ type: 'ready' }, { type: 'taken' }]);
    assert.equal(FakeFrame.open.size, 0);
  });

  it('is no take any more where it was given up while its disk was opened', async () => {
    const told: { type: string }[] = [];
    const port = {
      onmessage: null as ((event: MessageEvent) => void) | null,
      postMessage: (message: { type: string }) => told.push(message),
    };
    serveRecord(port);
    const ask = (data: object) => port.onmessage!({ data } as MessageEvent);
    // A database that opens late.
    let opening: (EventTarget & { result?: object }) | null = null;
    const open = () => (opening = Object.assign(new EventTarget(), { result: {} }));
    Object.assign(globalThis, { indexedDB: { open } });
    try {
      ask({ type: 'start', request: {} });
      while (!opening) await new Promise(setImmediate);
      ask({ type: 'discard' });
      (opening as EventTarget).dispatchEvent(new Event('success'));
      for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
    } finally {
      delete (globalThis as { indexedDB?: unknown }).indexedDB;
    }
    assert.deepEqual(told, [{ type: 'ready' }, { type: 'discarded' }]);
  });

  it('is no more sound than memory can hold: then nothing more goes, and that is told once', () => {
    let clogged = 0;
    const gate = new SampleGate(() => clogged++);
    const block = MOST_UNDERWAY / 4;
    for (let count = 0; count < 100; count++) {
      assert.equal(gate.give(block), true);
      gate.taken(block);
    }
    for (let count = 0; count < 4; count++) assert.equal(gate.give(block), true);
    assert.equal(gate.give(1), false);
    gate.taken(4 * block);
    assert.equal(gate.give(1), false, 'what would follow a hole');
    assert.equal(clogged, 1);
  });
});
