import assert from 'node:assert/strict';
import type { Tab } from './browser.js';
import type { LogEntry, PageSetup } from './stage.js';

/** A page that is to capture, and to record. */
export const SETUP: PageSetup = { source: 'devices', recorders: [{}] };

/** The producer says why it cannot capture, as a code and to a person, and its recorder has nothing to record. */
export async function assertFails(tab: Tab, code: string): Promise<void> {
  const { state, error } = await tab.call<{ state: string; error: { code: string; message: string } }>('live');
  assert.equal(state, 'failed');
  assert.equal(error.code, code);
  assert.match(error.message, /^[A-Z].{15,}\.$/, 'a sentence for a person');
  const faults = (await tab.call<LogEntry[]>('log')).filter(({ type }) => type === 'oa-error');
  assert.deepEqual(
    faults.map((fault) => [fault.tag, fault.code]),
    [['media-producer', code]],
  );
  assert.equal(await tab.call('attempt', 'start'), 'no-source');
  assert.deepEqual(tab.faults, []);
}
