import type { ProducerState } from '../producer/index.js';
import type { Store } from '../store.js';
import type { ConditionName } from './adapt.js';

/** Takes the pressure of a condition: see `QualitySignal.pressure`. */
export type TellCondition = (name: ConditionName, pressure: number | null) => void;

/**
 * What the states of the platform say to a recorder: never more than what can be borne. A processor may be taken by the
 * very encoder that keeps up, and where it does not, its own signals tell. While it is not at ease, a step up that failed
 * before is tried again with more caution.
 */
const CPU: Readonly<Record<string, number>> = { nominal: 0, fair: 0.3, serious: 0.5, critical: 0.6 };
/** A hidden page is recorded as it was, with the same caution. */
const HIDDEN = 0.5;
/** Charge from which a battery that is not being charged is low, 0 to 1. */
const LOW = 0.2;

interface PressureRecord {
  readonly state: string;
}

interface Pressure {
  observe(source: 'cpu', options: { sampleInterval: number }): Promise<void>;
  disconnect(): void;
}

interface Battery extends EventTarget {
  readonly charging: boolean;
  readonly level: number;
}

type Platform = typeof globalThis & {
  PressureObserver?: new (hear: (records: readonly PressureRecord[]) => void) => Pressure;
};

/**
 * Tells what a page can know of the machine, at once and whenever it changes, by the platform's own events; returns the
 * function that ends it. What a browser does not have, or a policy forbids, is not told. The network is told by whoever
 * publishes the same producer, in its store.
 */
export function watchConditions(tell: TellCondition, producer?: Store<ProducerState>): () => void {
  const over = new AbortController();
  if (producer) watchNetwork(tell, producer, over.signal);
  watchCpu(tell, over.signal);
  void watchBattery(tell, over.signal);
  const visibility = () => tell('hidden', document.hidden ? HIDDEN : 0);
  document.addEventListener('visibilitychange', visibility, { signal: over.signal });
  visibility();
  return () => over.abort();
}

function watchNetwork(tell: TellCondition, producer: Store<ProducerState>, signal: AbortSignal): void {
  const look = (pressure: number | null) => tell('network', pressure);
  const unfollow = producer.subscribe(({ network = null }) => network, look);
  signal.addEventListener('abort', unfollow);
  const { network = null } = producer.get();
  if (network !== null) look(network);
}

function watchCpu(tell: TellCondition, signal: AbortSignal): void {
  const { PressureObserver } = globalThis as Platform;
  if (!PressureObserver) return;
  const observer = new PressureObserver((records) => {
    const last = records[records.length - 1];
    if (last && !signal.aborted) tell('cpu', CPU[last.state] ?? null);
  });
  signal.addEventListener('abort', () => observer.disconnect());
  observer.observe('cpu', { sampleInterval: 1000 }).catch(() => {});
}

async function watchBattery(tell: TellCondition, signal: AbortSignal): Promise<void> {
  const { getBattery } = navigator as Navigator & { getBattery?: () => Promise<Battery> };
  const battery = await getBattery?.call(navigator).catch(() => null);
  if (!battery || signal.aborted) return;
  const look = () => tell('battery', !battery.charging && battery.level <= LOW ? 1 : 0);
  battery.addEventListener('chargingchange', look, { signal });
  battery.addEventListener('levelchange', look, { signal });
  look();
}
