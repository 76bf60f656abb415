import type { TestContext } from 'node:test';

/** Collects, until the test is over, what nobody catches; the runner would fail the test for it. */
export function uncaught(test: TestContext): unknown[] {
  const all: unknown[] = [];
  const runner = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', (thrown) => all.push(thrown));
  test.after(() => {
    process.removeAllListeners('uncaughtException');
    for (const listener of runner) process.on('uncaughtException', listener);
  });
  return all;
}
