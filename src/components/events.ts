import type { PoolStatus } from '../core/capture/index.js';
import type { OnAirError, OnAirErrorCode } from '../core/errors.js';
import type { Cause, MonitorState } from '../core/monitor/index.js';
import type { Recording } from '../core/record/index.js';

/**
 * Like native media events, notifications of an element's own state do not bubble, so that a producer's listener never
 * hears its children. Results and faults bubble and are composed. Each fires after what it tells of can be read.
 */

/** `oa-statechange`: the element's `state` changed. */
export class StateChangeEvent<S extends string = string> extends Event {
  readonly state: S;
  readonly previous: S;

  constructor(state: S, previous: S) {
    super('oa-statechange');
    this.state = state;
    this.previous = previous;
  }
}

/** `oa-statechange` of a meter: how a producer does, and where the trouble is. */
export class HealthChangeEvent extends StateChangeEvent<MonitorState> {
  readonly cause: Cause | null;

  constructor(state: MonitorState, previous: MonitorState, cause: Cause | null) {
    super(state, previous);
    this.cause = cause;
  }
}

/** `oa-devicechange`: the devices to choose from changed, or another one is in use. */
export class DeviceChangeEvent extends Event {
  readonly devices: readonly MediaDeviceInfo[];

  constructor(devices: readonly MediaDeviceInfo[]) {
    super('oa-devicechange');
    this.devices = devices;
  }
}

/** `oa-qualitychange`: a take moved to another quality level. */
export class QualityChangeEvent extends Event {
  /** Share of the full quality, 0.3 to 1. */
  readonly level: number;
  readonly previous: number;
  /** The signal that led to it: `encoder`, `disk`, `drops`, `battery`, `network`; `ease` for a step up, `end` after a take. */
  readonly cause: string;

  constructor(level: number, previous: number, cause: string) {
    super('oa-qualitychange');
    this.level = level;
    this.previous = previous;
    this.cause = cause;
  }
}

/** `oa-progress`: once a second while a take is written. */
export class TakeProgressEvent extends Event {
  /** Seconds of media. */
  readonly duration: number;
  /** Bytes on disk. */
  readonly size: number;
  /** Seconds until the storage is full at this rate; null while not known. */
  readonly remaining: number | null;

  constructor(duration: number, size: number, remaining: number | null = null) {
    super('oa-progress');
    this.duration = duration;
    this.size = size;
    this.remaining = remaining;
  }
}

const RESULT: EventInit = { bubbles: true, composed: true };

/** `oa-recorded`: a take is finished and saved. */
export class RecordedEvent extends Event {
  readonly recording: Recording;

  constructor(recording: Recording) {
    super('oa-recorded', RESULT);
    this.recording = recording;
  }
}

/** `oa-recovered`: an interrupted recording was finished. */
export class RecoveredEvent extends Event {
  readonly recording: Recording;

  constructor(recording: Recording) {
    super('oa-recovered', RESULT);
    this.recording = recording;
  }
}

/** `oa-recordingschange`: the list of recordings changed. */
export class RecordingsChangeEvent extends Event {
  readonly recordings: readonly Recording[];

  constructor(recordings: readonly Recording[]) {
    super('oa-recordingschange');
    this.recordings = recordings;
  }
}

/** `oa-poolchange`: a stream of the page's pool came, went, or changed hands. */
export class PoolChangeEvent extends Event {
  readonly status: PoolStatus;

  constructor(status: PoolStatus) {
    super('oa-poolchange');
    this.status = status;
  }
}

/**
 * `oa-clip`: samples reached full scale. At most twenty times a second, for all that clipped since the last one, and as long as
 * it goes on.
 */
export class ClipEvent extends Event {
  /** Seconds of sound at the last of these samples. */
  readonly time: number;
  /** Runs of such samples since the last reset, with one that went on then; a run in two channels is two. */
  readonly count: number;
  /** How many samples are in these. */
  readonly samples: number;

  constructor(time: number, count: number, samples: number) {
    super('oa-clip', RESULT);
    this.time = time;
    this.count = count;
    this.samples = samples;
  }
}

/** `oa-silence`: nothing but zeros has come for three seconds. */
export class SilenceEvent extends Event {
  /** Seconds of sound at its beginning. */
  readonly time: number;
  /** How many silences there were since the last reset, with one that went on then. */
  readonly count: number;

  constructor(time: number, count: number) {
    super('oa-silence', RESULT);
    this.time = time;
    this.count = count;
  }
}

/** `oa-error`: a fault. `source` tells a listener on an ancestor whose it is. */
export class FaultEvent extends Event {
  readonly error: OnAirError;
  readonly source: HTMLElement;

  constructor(error: OnAirError, source: HTMLElement) {
    super('oa-error', RESULT);
    this.error = error;
    this.source = source;
  }

  get code(): OnAirErrorCode {
    return this.error.code;
  }

  get message(): string {
    return this.error.message;
  }

  /** What led to it: the platform's own error, where there is one. */
  get cause(): unknown {
    return this.error.cause;
  }

  /** Whether the job has ended. A fault that is not fatal is told and worked around. */
  get fatal(): boolean {
    return this.error.fatal;
  }
}

declare global {
  interface HTMLElementEventMap {
    'oa-statechange': StateChangeEvent;
    'oa-devicechange': DeviceChangeEvent;
    'oa-qualitychange': QualityChangeEvent;
    'oa-progress': TakeProgressEvent;
    'oa-recorded': RecordedEvent;
    'oa-recovered': RecoveredEvent;
    'oa-recordingschange': RecordingsChangeEvent;
    'oa-poolchange': PoolChangeEvent;
    'oa-clip': ClipEvent;
    'oa-silence': SilenceEvent;
    'oa-error': FaultEvent;
  }
}
