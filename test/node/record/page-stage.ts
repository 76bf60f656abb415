import { after, before, beforeEach } from 'node:test';
import type { FromWorker, ToWorker } from '../../../src/core/record/protocol.js';
import { DEFAULT_SETTINGS, type RecorderSettings } from '../../../src/core/record/stream-recorder.js';
import { FakeStream } from '../producer/devices.js';
import { FakeRecorder } from './fake-recorder.js';

/** A worker of which a test says what it does. Messages take a task, both ways, as they do. */
export class FakeWorker extends EventTarget {
  static last: FakeWorker;
  /** Does what is asked of it. */
  static serve: (message: ToWorker, worker: FakeWorker) => void = () => {};
  onmessage: ((event: { data: FromWorker }) => void) | null = null;
  onerror: ((event: Event) => void) | null = null;
  readonly asked: ToWorker[] = [];
  ended = false;

  constructor() {
    super();
    FakeWorker.last = this;
    this.tell({ type: 'ready' });
  }

  postMessage(message: ToWorker): void {
    this.asked.push(message);
    setImmediate(() => FakeWorker.serve(message, this));
  }

  tell(data: FromWorker): void {
    setImmediate(() => {
      if (this.ended) return;
      this.dispatchEvent(new MessageEvent('message', { data }));
      this.onmessage?.({ data });
    });
  }

  /** Something in it threw, and nobody caught it. */
  throw(): void {
    this.onerror?.(Object.assign(new Event('error', { cancelable: true }), { message: 'thrown' }));
  }

  terminate(): void {
    this.ended = true;
  }

  types(): string[] {
    return this.asked.map(({ type }) => type);
  }
}

export const STARTED: FromWorker = {
  type: 'started',
  engine: 'mediarecorder',
  format: 'webm',
  mimeType: 'video/webm',
  disk: 'opfs',
  memoryOnly: false,
  trials: {},
  compromises: [],
};

/** Nothing that is asked of the machine. */
export const SETTINGS: RecorderSettings = { ...DEFAULT_SETTINGS, dropThreshold: 0.1 };

/** The parts of a page that a take touches. */
export function setPage(): void {
  const page = {
    Worker: FakeWorker,
    MediaStream: FakeStream,
    MediaRecorder: FakeRecorder,
    MediaStreamTrackProcessor: class {
      readonly readable = null;
    },
    document: { createElement: () => ({ canPlayType: () => 'probably' }) },
    navigator: {
      storage: {
        getDirectory: () => Promise.reject(new Error()),
        estimate: () => Promise.resolve({}),
        persist: () => Promise.resolve(false),
      },
    },
    addEventListener: () => {},
    removeEventListener: () => {},
  };
  const own = Object.getOwnPropertyDescriptors(globalThis) as PropertyDescriptorMap;
  beforeEach(() => void (FakeRecorder.made = []));
  before(() => {
    for (const [name, value] of Object.entries(page))
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  });
  after(() => {
    for (const name of Object.keys(page)) {
      if (own[name]) Object.defineProperty(globalThis, name, own[name]);
      else Reflect.deleteProperty(globalThis, name);
    }
  });
}
