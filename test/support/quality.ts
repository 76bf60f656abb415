import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { Tab } from './browser.js';
import { seconds, type Stage, type Stopped } from './stage.js';

/** A move of a take to another quality, as the page is told of it. */
export interface Move {
  /** Milliseconds since the epoch. */
  at: number;
  level: number;
  previous: number;
  cause: string;
}

/** Seconds within which a take must be at full quality again when the load is over. */
export const BACK = 30;

export async function until(what: string, limit: number, holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + limit * 1000; !(await holds()); await seconds(0.25)) {
    assert.ok(Date.now() < end, `${what} within ${limit} s`);
  }
}

export const movesOf = (tab: Tab) => tab.call<Move[]>('moves');

export const isFull = async (tab: Tab) => ((await movesOf(tab)).at(-1)?.level ?? 1) === 1;

export interface Counts {
  promised: number;
  /** For whatever cause. */
  lost: number;
  /** Of those, frames that never arrived. */
  missed: number;
}

async function countsOf(tab: Tab): Promise<Counts> {
  const counted = await tab.call<Record<string, number>>('counted');
  const of = (name: string) => counted[`frames:${name}`] ?? 0;
  const missed = of('dropped:source');
  const lost = ['queue', 'late', 'disk', 'encoder'].reduce((sum, cause) => sum + of(`dropped:${cause}`), missed);
  return { promised: of('captured') - of('dropped:rate'), lost, missed };
}

/** What was counted while something happened. */
export async function between(tab: Tab, happen: () => Promise<unknown>): Promise<Counts> {
  const before = await countsOf(tab);
  await happen();
  const after = await countsOf(tab);
  return {
    promised: after.promised - before.promised,
    lost: after.lost - before.lost,
    missed: after.missed - before.missed,
  };
}

/** The lines about quality in the journal of a take. */
export async function journalMoves(
  stage: Stage,
  tab: Tab,
  { id }: Stopped,
): Promise<{ level: number; cause: string }[]> {
  await tab.call('raw');
  const lines = (await readFile(stage.server.file(`raw-${id}.journal`), 'utf8')).split('\n');
  return lines.flatMap((line) => {
    if (!line.includes('"step":"quality"')) return [];
    const { level, cause } = JSON.parse(line) as { level: number; cause: string };
    return [{ level, cause }];
  });
}
