/** A module in a process of its own, whose functions are called from here. */
import { fork } from 'node:child_process';
import { once } from 'node:events';

/**
 * Starts a module that calls `serveCalls()`.
 * @param {URL} module
 * @returns {Promise<{ pid: number, call(name: string, ...given: unknown[]): Promise<any>, close(): Promise<void> }>}
 */
export async function startChild(module) {
  // What tests use is TypeScript.
  const child = fork(module, { execArgv: ['--import', import.meta.resolve('tsx')] });
  const pending = new Map();
  let calls = 0;
  const ended = once(child, 'exit').then(([code]) => {
    for (const { reject } of pending.values()) reject(new Error(`${module} ended with ${code}.`));
  });
  child.on('message', ({ id, value, error }) => {
    const { resolve, reject } = pending.get(id);
    pending.delete(id);
    if (error === undefined) resolve(value);
    else reject(new Error(error));
  });
  return {
    pid: child.pid,
    call: (name, ...given) =>
      new Promise((resolve, reject) => {
        pending.set(++calls, { resolve, reject });
        child.send({ id: calls, name, given });
      }),
    async close() {
      child.kill();
      await ended;
    },
  };
}

/** @param {Record<string, (...given: never[]) => unknown>} functions that the other process calls */
export function serveCalls(functions) {
  process.on('message', async ({ id, name, given }) => {
    try {
      process.send({ id, value: await functions[name](...given) });
    } catch (error) {
      process.send({ id, error: error.stack });
    }
  });
}
