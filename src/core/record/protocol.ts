import type { OnAirErrorCode } from '../errors.js';
import type { TrialResult } from '../encode/index.js';
import type { MetricsState } from '../metrics/index.js';
import type { ConditionName, QualityMove } from './adapt.js';
import type { Disk } from './disk.js';
import type { JournalSummary, RecordEngine, RecordFormat } from './journal.js';

/** How pictures reach the writer. `readable` and `track` never touch the page; `messages` is fed by the page, frame by frame. */
export type VideoInput =
  | ({ via: 'readable'; readable: ReadableStream<VideoFrame> } & VideoKind)
  | ({ via: 'track'; track: MediaStreamTrack } & VideoKind)
  | ({ via: 'messages' } & VideoKind);

export interface VideoKind {
  frameRate: number | null;
  /** Whether it is a camera, which delivers at a steady rate, and not a screen or a canvas, which may stand still. */
  camera: boolean;
}

/** How sound reaches the writer: a transferred readable, or a port that an AudioWorklet posts `PcmMessage`s to. */
export type AudioInput = { via: 'readable'; readable: ReadableStream<AudioData> } | { via: 'port'; port: MessagePort };

/** What the capture worklet posts: one block of planar samples. It is answered with how many bytes were taken. */
export interface PcmMessage {
  planes: Float32Array[];
  sampleRate: number;
}

export interface TakeRequest {
  id: string;
  name: string;
  collection: string;
  engine: RecordEngine;
  /** `auto` only with engine `webcodecs`; the page has asked MediaRecorder what it makes otherwise. */
  format: 'auto' | RecordFormat;
  /** Formats to try for `auto`, best first (the page knows which the browser can play). */
  preferred: readonly RecordFormat[];
  /** MIME type of the chunks, engine `mediarecorder` only. */
  mimeType: string;
  /**
   * MIME types that MediaRecorder could go on by, in the same file, should every encoder fail. Engine `webcodecs` only,
   * and none where the page asked for that engine.
   */
  sequels: readonly string[];
  video: VideoInput | null;
  audio: AudioInput | null;
  /** Whether the page says when the source is over: another one may take the place of a track that ends. */
  followed: boolean;
  /** Bits per second; null for what fits the picture. */
  videoBitrate: number | null;
  audioBitrate: number | null;
  /** Whether the quality follows what encoder, disk and machine can hold; engine `webcodecs` only. */
  adaptive: boolean;
  /** See `RecorderSettings`; `dropThreshold` is that of the machine where the page gave none. */
  maxLatency: number;
  dropThreshold: number;
  latencyMode: LatencyMode;
  hardwareAcceleration: HardwareAcceleration;
  keyInterval: number | null;
  /** Seconds of media; null for no end. */
  maxDuration: number | null;
  flushBytes: number;
  /** Seconds. */
  flushInterval: number;
  /** Trials made on this page before, by key; saves making them again. */
  trials: Record<string, TrialResult>;
  /** Where the optional AAC encoder lies; null when it is not to be loaded. */
  aacEncoder: string | null;
}

/** Page to worker. One worker does one job: a take, or a recovery. */
export type ToWorker =
  | { type: 'start'; request: TakeRequest }
  /** `givenUp`: frames since the last one that the page did not send, because the worker was behind. */
  | { type: 'frame'; frame: VideoFrame; givenUp: number }
  /** `overlap`: the first chunk of a recorder, and the one before it went on for so many seconds meanwhile. */
  | { type: 'chunk'; data: ArrayBuffer; overlap: number }
  /** Another source takes the place, from the first that it delivers. */
  | { type: 'replace'; video?: VideoInput; audio?: AudioInput }
  | { type: 'pause' }
  | { type: 'resume' }
  /** The producer has paused, and goes on: what came meanwhile was black. */
  | { type: 'sighted' }
  /** `reason` tells why, where it was not the person who stopped it. */
  | { type: 'stop'; reason?: OnAirErrorCode }
  | { type: 'discard' }
  /** What only the page can tell of the machine: see `QualitySignal.pressure`. */
  | { type: 'condition'; name: ConditionName; pressure: number | null }
  /** Whether anything is to be timed, and shown in the performance panel. */
  | { type: 'time'; enabled: boolean; trace: boolean }
  | { type: 'recover'; id: string };

export interface TakeProgress {
  /** Seconds of media written. */
  duration: number;
  /** Bytes on disk. */
  size: number;
  /**
   * Frames that the source made, and those of them that were lost before or in the encoder, null where it is not
   * measured. What was left out to keep a lower rate is not lost.
   */
  frames: number;
  framesDropped: number | null;
  /** Seconds of silence put where no sound arrived. */
  silence: number;
  /** Seconds until the quota is used up at the present rate; null when it cannot be told. */
  secondsLeft: number | null;
  /** Seconds within which what is written is on the device. */
  latency: number;
}

/** Worker to page. `detail` is what the platform said, for a bug report; the page has the sentences. */
export type FromWorker =
  | { type: 'ready' }
  | {
      type: 'started';
      engine: RecordEngine;
      format: RecordFormat;
      mimeType: string;
      disk: Disk['kind'];
      /** See `probeMemoryOnly`: in Chromium only a worker can find out. */
      memoryOnly: boolean | null;
      trials: Record<string, TrialResult>;
      /** Plainly said: what was asked for and is not given, such as AAC. */
      compromises: readonly OnAirErrorCode[];
    }
  /** This engine or format cannot be had here; the page may ask for another. Nothing was written. */
  | { type: 'unavailable'; code: OnAirErrorCode; detail: string }
  | { type: 'state'; state: 'recording' | 'paused' | 'finishing' }
  /** No picture has come yet: see `EngineHost.unseen`. */
  | { type: 'unseen' }
  /** A frame has arrived: another one may come. */
  | { type: 'taken' }
  /** The source before it is no longer read. */
  | { type: 'replaced'; kind: 'video' | 'audio' }
  /** No encoder can be kept alive: what comes from here on is to come as chunks of this type, in the same take. */
  | { type: 'handed-over'; mimeType: string }
  /** With what the worker's metrics have grown by since the last one. */
  | ({ type: 'progress'; metrics: MetricsState } & TakeProgress)
  | ({ type: 'quality' } & QualityMove)
  /** A fault that is worked around, and its end. */
  | { type: 'notice'; code: OnAirErrorCode }
  | { type: 'notice-over'; code: OnAirErrorCode }
  /** How much of the file is copied, 0 to 1, where finishing or recovering it takes a copy that takes time. */
  | { type: 'copied'; share: number }
  | { type: 'finished'; summary: JournalSummary }
  | { type: 'discarded' }
  | { type: 'failed'; code: OnAirErrorCode; detail: string }
  | { type: 'recovered'; summary: JournalSummary; memoryOnly: boolean | null };

export interface WorkerPort {
  postMessage(message: unknown, transfer?: Transferable[]): void;
  onmessage: ((event: MessageEvent) => void) | null;
  start?(): void;
}
