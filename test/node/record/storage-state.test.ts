import assert from 'node:assert/strict';
import { afterEach, describe, it, mock } from 'node:test';
import { probeMemoryOnly } from '../../../src/core/record/storage-state.js';

/** Microseconds that a call takes here. */
interface Machine {
  getSize: number;
  copy: number;
}

/** A Chromium on a machine that takes so long. */
function chromium({ getSize, copy }: Machine): void {
  let now = 0;
  const takes = (time: number) => () => void (now += time / 1000);
  const handle = { getSize: takes(getSize), close: () => {} };
  const folder = {
    getFileHandle: async () => ({ createSyncAccessHandle: async () => handle }),
    removeEntry: async () => {},
  };
  const storage = { getDirectory: async () => ({ getDirectoryHandle: async () => folder }) };
  define('navigator', { storage, userAgent: 'Chrome/156', userAgentData: {} });
  define(
    'FileSystemFileHandle',
    class {
      createSyncAccessHandle(): void {}
    },
  );
  define('structuredClone', takes(copy));
  mock.method(performance, 'now', () => now);
}

const before = new Map<string, PropertyDescriptor | undefined>();

function define(name: string, value: unknown): void {
  before.set(name, Object.getOwnPropertyDescriptor(globalThis, name));
  Object.defineProperty(globalThis, name, { value, configurable: true });
}

describe('whether a window keeps its files in memory', () => {
  afterEach(() => {
    mock.restoreAll();
    for (const [name, descriptor] of before) {
      if (descriptor) Object.defineProperty(globalThis, name, descriptor);
      else Reflect.deleteProperty(globalThis, name);
    }
    before.clear();
  });

  const machines: [what: string, Machine, boolean][] = [
    ['the one that was measured, an ordinary window', { getSize: 1.4, copy: 1 }, false],
    ['the same, a private one', { getSize: 110, copy: 1 }, true],
    ['a phone ten times slower, an ordinary window', { getSize: 14, copy: 10 }, false],
    ['one ten times faster, a private one', { getSize: 11, copy: 0.1 }, true],
  ];
  for (const [what, machine, memoryOnly] of machines) {
    it(`is told on any machine: ${what}`, async () => {
      chromium(machine);
      assert.equal(await probeMemoryOnly(), memoryOnly);
    });
  }
});
