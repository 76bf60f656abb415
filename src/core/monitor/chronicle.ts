import { CircularBuffer } from '../buffer/index.js';
import type { Diagnosis, Finding, MonitorState } from './diagnosis.js';
import type { MonitorFigures } from './figures.js';
import { numberOf, together } from './told.js';

/** What a monitor saw when it last looked, and what is wrong. */
export interface MonitorSnapshot extends MonitorFigures {
  /** What is wrong, and where. */
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

/** A change of state or cause: to what is worse at once, any other once it has lasted three looks. */
export interface Incident {
  /** When it was told. Milliseconds since 1970. */
  readonly at: number;
  readonly state: MonitorState;
  readonly cause: Diagnosis['cause'];
  readonly finding: Finding | null;
}

const INCIDENTS_KEPT = 100;
/** Looks that what is no worse has to last: what is about a limit would push out all else. */
const STEADY = 3;

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
  /** NaN before the first look, and where nobody knows what was since the last. */
  let lookedAt = NaN;
  /** Looks at something else than the last incident. */
  let others = 0;
  /** -1 before the first. */
  const rank = (state?: MonitorState) => Object.keys(states).indexOf(state!);
  return {
    points,
    incidents,

    /** Seconds in each state, as far as anybody looked. */
    states: (): Readonly<Record<MonitorState, number>> => ({ ...states }),

    /** @param now seconds on a clock that never steps back */
    add(snapshot: MonitorSnapshot, now: number): void {
      const { cause, findings } = snapshot.diagnosis;
      states[state] += now - lookedAt || 0;
      lookedAt = now;
      state = snapshot.diagnosis.state;
      const last = incidents.at(-1);
      others = last?.state === state && last.cause === cause ? 0 : others + 1;
      if (others === STEADY || (others > 0 && rank(state) > rank(last?.state))) {
        incidents.push({ at: snapshot.at, state, cause, finding: findings[0] ?? null });
        others = 0;
      }
      points.push(pointOf(snapshot));
    },

    /** Lets the older half of the points go; charts of them hold several times as much. */
    halve(): void {
      for (let left = points.length >> 1; left--;) points.shift();
    },

    /** The time until the next look is in no state. */
    interrupt(): void {
      lookedAt = NaN;
    },

    clear(): void {
      points.clear();
      incidents.clear();
      states = noTime();
      lookedAt = NaN;
      others = 0;
    },
  };
}

const noTime = (): Record<MonitorState, number> => ({ idle: 0, ok: 0, warn: 0, bad: 0 });

function pointOf(snapshot: MonitorSnapshot): HistoryPoint {
  const { capture, encoder, disk } = snapshot;
  return {
    at: snapshot.at,
    state: snapshot.diagnosis.state,
    capture: numberOf(capture.frameRate),
    preview: numberOf(snapshot.preview.frameRate),
    encode: encoder.frameRate,
    lost: together(capture.lost, encoder.lost, disk.lost),
    busy: encoder.busy,
    blocked: snapshot.page.blocked,
    bitrate: disk.bitrate,
    network: snapshot.network?.bitrate ?? null,
    write: snapshot.path.write?.p95 ?? null,
    headroom: snapshot.buffers.encoder?.headroom ?? null,
    memory: numberOf(snapshot.memory.heap),
  };
}
