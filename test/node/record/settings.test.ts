import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { guaranteeFor } from '../../../src/core/record/guarantee.js';
import { takeSettings } from '../../../src/core/record/settings.js';
import { DEFAULT_SETTINGS, type RecorderSettings } from '../../../src/core/record/stream-recorder.js';

describe('the settings of a take', () => {
  const browser = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  const machine = (signals: object) =>
    Object.defineProperty(globalThis, 'navigator', { value: signals, configurable: true, writable: true });
  before(() => machine({}));
  after(() => {
    if (browser) Object.defineProperty(globalThis, 'navigator', browser);
    else delete (globalThis as { navigator?: unknown }).navigator;
  });

  const of = (given: object) => takeSettings({ ...DEFAULT_SETTINGS, ...given } as RecorderSettings);

  it('have defaults', () => {
    const { maxLatency, dropThreshold, latencyMode, hardwareAcceleration, keyInterval } = of({});
    assert.deepEqual(
      [maxLatency, dropThreshold, latencyMode, hardwareAcceleration, keyInterval],
      [0.4, 0.1, 'realtime', 'no-preference', null],
    );
  });

  it('are stricter with lost frames on a phone, unless the page says otherwise', () => {
    machine({ userAgentData: { mobile: true } });
    assert.equal(of({}).dropThreshold, 0.04);
    assert.equal(of({ dropThreshold: 0.2 }).dropThreshold, 0.2);
    machine({});
  });

  it('are those of the page where they make sense', () => {
    const given = {
      maxLatency: 1.5,
      dropThreshold: 1,
      latencyMode: 'quality',
      hardwareAcceleration: 'prefer-hardware',
      keyInterval: 4,
      flushInterval: 0.5,
    };
    assert.deepEqual(of(given), { ...of({}), ...given });
  });

  it('are words, also where a page gives them as numbers', () => {
    assert.deepEqual([of({ collection: 42 }).collection, of({ name: 7 }).name], ['42', '7']);
    assert.deepEqual([of({ collection: null }).collection, of({ name: {} }).name], ['', '']);
  });

  it('are numbers, also where a page gives them as words', () => {
    assert.equal(of({ maxDuration: '600' }).maxDuration, 600);
    assert.equal(of({ videoBitrate: '1e6' }).videoBitrate, 1_000_000);
  });

  it('are the defaults where they make none', () => {
    for (const nonsense of [NaN, -1, 0, Infinity, 'fast', {}, undefined]) {
      const names = ['maxLatency', 'dropThreshold', 'latencyMode', 'hardwareAcceleration', 'keyInterval', 'flushBytes'];
      assert.deepEqual(of(Object.fromEntries(names.map((name) => [name, nonsense]))), of({}));
    }
  });

  it('are in what is promised of a crash, where they make it cost more', () => {
    const now = {
      engine: 'webcodecs',
      format: 'mp4',
      disk: 'opfs',
      storage: null,
      compromises: [],
      latency: 1,
      offPage: true,
      inWorker: true,
    } as const;
    assert.equal(guaranteeFor(now).lossOnCrash, 1);
    assert.equal(guaranteeFor({ ...now, keyInterval: 2 }).lossOnCrash, 4);
    assert.equal(guaranteeFor({ ...now, format: 'webm', keyInterval: 10 }).lossOnCrash, 1);
    assert.equal(guaranteeFor({ ...now, maxLatency: 1.4 }).lossOnCrash, 2);
    assert.equal(guaranteeFor({ ...now, maxLatency: 0.1, keyInterval: 0.2 }).lossOnCrash, 1);
  });
});
