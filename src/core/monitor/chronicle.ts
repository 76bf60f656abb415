import { CircularBuffer } from '../buffer/index.js';
import type { Diagnosis, Finding, MonitorState } from './diagnosis.js';
import type { MonitorFigures } from './figures.js';
import { numberOf, sum } from './told.js';

export interface MonitorSnapshot extends MonitorFigures {
  readonly diagnosis: Diagnosis;
}

/** What is kept of each look. Null is what was not known. */
export interface HistoryPoint {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly state: MonitorState;
  /** Frames a second that came, that were shown, and that were taken. */
  readonly capture: number | null;
  readonly preview: number | null;
  readonly encode: number | null;
  /** Share of the wanted frames that were lost before the file. */
  readonly lost: number | null;
  /** Shares of the time that the encoder works, and that the page lets others wait. */
  readonly busy: number | null;
  readonly blocked: number | null;
  /** Bits per second to the disk and to the network. */
  readonly bitrate: number | null;
  readonly network: number | null;
  /** Seconds of 95 in 100 writes, at most. */
  readonly write: number | null;
  /** Seconds before the encoder loses a frame. */
  readonly headroom: number | null;
  /** Bytes of the heap. */
  readonly memory: number | null;
}

/** A change of state or cause. */
export interface Incident {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly state: MonitorState;
  readonly cause: Diagnosis['cause'];
  readonly finding: Finding | null;
}

const INCIDENTS_KEPT = 100;

export type Chronicle = ReturnType<typeof makeChronicle>;

/**
 * What is kept of a session, in constant memory: a line of points, the last changes of state, and how long each lasted.
 * @param length points that are kept
 */
export function makeChronicle(length: number) {
  const points = new CircularBuffer<HistoryPoint>(length);
  const incidents = new CircularBuffer<Incident>(INCIDENTS_KEPT);
  let states = noTime();
  let state: MonitorState = 'idle';
  let lookedAt: number | null = null;
  return {
    points,
    incidents,

    /** Seconds in each state, as far as anybody looked. */
    states: (): Readonly<Record<MonitorState, number>> => ({ ...states }),

    /** @param now seconds on a clock that never steps back */
    add(snapshot: MonitorSnapshot, now: number): void {
      const { cause, findings } = snapshot.diagnosis;
      if (lookedAt !== null) states[state] += now - lookedAt;
      lookedAt = now;
      state = snapshot.diagnosis.state;
      const last = incidents.at(-1);
      if (last?.state !== state || last.cause !== cause)
        incidents.push({ at: snapshot.at, state, cause, finding: findings[0] ?? null });
      points.push(pointOf(snapshot));
    },

    /** The time until the next look is in no state. */
    interrupt(): void {
      lookedAt = null;
    },

    clear(): void {
      points.clear();
      incidents.clear();
      states = noTime();
      lookedAt = null;
    },
  };
}

const noTime = (): Record<MonitorState, number> => ({ idle: 0, ok: 0, warn: 0, bad: 0 });

function pointOf({
  at,
  diagnosis,
  capture,
  preview,
  encoder,
  disk,
  path,
  buffers,
  page,
  memory,
  network,
}: MonitorSnapshot) {
  const losses = [capture.lost, encoder.lost, disk.lost].filter((lost) => lost !== null);
  return {
    at,
    state: diagnosis.state,
    capture: numberOf(capture.frameRate),
    preview: numberOf(preview.frameRate),
    encode: encoder.frameRate,
    lost: losses.length > 0 ? sum(losses) : null,
    busy: encoder.busy,
    blocked: page.blocked,
    bitrate: disk.bitrate,
    network: network?.bitrate ?? null,
    write: path.write?.p95 ?? null,
    headroom: buffers.encoder?.headroom ?? null,
    memory: numberOf(memory.heap),
  };
}
