import { OnAirError, type OnAirErrorCode, type OnAirErrorOptions } from './errors.js';
import { retold, spoken, type MessageValues } from './messages.js';

export type WorkerName = 'record';

/** How a worker came to run, best first: a URL the page named, the file beside this module, a Blob, the page itself. */
export type WorkerRung = 'url' | 'module' | 'blob' | 'page';

/** A worker that has said it is ready. Set the two listeners before awaiting anything else. */
export interface WorkerHost {
  readonly rung: WorkerRung;
  /** Why the code runs in the page (rung `page`), to be told as a fault that is not fatal; else null. */
  readonly blocked: OnAirError | null;
  onmessage: ((data: unknown) => void) | null;
  /** Code `worker-failed`: the worker threw, or a message could not be read. */
  onerror: ((error: OnAirError) => void) | null;
  post(message: unknown, transfer?: Transferable[]): void;
  /** Ends it at once; nothing is heard from it afterwards. */
  terminate(): void;
}

export interface LoadWorkerOptions {
  signal?: AbortSignal;
  /** Run the worker's code in the page when no worker can be had. Default false. */
  allowPage?: boolean;
}

/** The part of a MessagePort, or of a worker's global scope, that worker code talks through. */
interface Port {
  postMessage(message: unknown, transfer?: Transferable[]): void;
  onmessage: ((event: MessageEvent) => void) | null;
  start?(): void;
}

interface Source {
  /** Relative to this module; for what may not use the literal. */
  file: string;
  /** Only this literal form is understood by Vite, webpack, Rspack and Parcel, so it may not be factored out. */
  module(): Worker;
  text(): Promise<string>;
  serve(): Promise<(port: Port) => void>;
}

const sources: Record<WorkerName, Source> = {
  record: {
    file: '../workers/record.worker.js',
    module: () =>
      new Worker(new URL('../workers/record.worker.js', import.meta.url), { type: 'module', name: 'onair-record' }),
    text: async () => (await import('../workers/record.worker.text.js')).default,
    serve: async () => (await import('./record/serve-record.js')).serveRecord,
  },
};

/** What can fail of a worker, in English. Each is named by the code of the fault, and what follows a dot. */
const sentences = {
  'invalid-value.handshake': 'The handshake takes a number of seconds above 0.',
  'aborted.worker': 'Starting was given up.',
  'worker-failed.file':
    'The worker file could not be loaded. Serve it with the page, or name its address by configureWorkers().',
  'worker-failed.gone': 'The part that works in the background has stopped. Start again.',
  'worker-blocked.policy': "This page's Content-Security-Policy stops the worker. Add to it: {line}",
  'worker-blocked.types': 'This page requires Trusted Types. Add to its Content-Security-Policy: {line}',
} as const;

const fault = (key: keyof typeof sentences, options?: OnAirErrorOptions, values: MessageValues = {}): OnAirError =>
  spoken(key.split('.')[0] as OnAirErrorCode, key, sentences, values, options);

let urls: Partial<Record<WorkerName, string | URL>> = {};
let handshake = 10;
/** What worked last on this page, so that later starts are direct. */
const worked = new Map<WorkerName, { rung: WorkerRung; blocked: OnAirError | null }>();

/**
 * Where worker files lie, and how long one may take to say that it is ready (seconds, default 10: a cold phone on a
 * slow line). Applies to workers that are loaded later.
 * @throws OnAirError `invalid-value`
 */
export function configureWorkers(options: {
  urls?: Partial<Record<WorkerName, string | URL>>;
  handshake?: number;
}): void {
  if (options.handshake !== undefined) {
    if (!(options.handshake > 0)) throw fault('invalid-value.handshake');
    handshake = options.handshake;
  }
  if (options.urls) {
    urls = { ...urls, ...options.urls };
    worked.clear();
  }
}

/**
 * Starts a worker by the first way that works here. A way counts as working once the worker's first message,
 * `{ type: 'ready' }`, has arrived.
 * @throws OnAirError `worker-blocked` (its message names the Content-Security-Policy line to add), `worker-failed`, `aborted`
 */
export async function loadWorker(name: WorkerName, options: LoadWorkerOptions = {}): Promise<WorkerHost> {
  const { signal, allowPage = false } = options;
  const last = worked.get(name);
  if (last?.blocked && allowPage) return runInPage(name, last.blocked);

  const ladder: WorkerRung[] = urls[name] ? ['url', 'module', 'blob'] : ['module', 'blob'];
  if (last && last.rung !== 'page') ladder.sort((a, b) => Number(b === last.rung) - Number(a === last.rung));

  const errors: OnAirError[] = [];
  for (const rung of ladder) {
    try {
      const worker = await attempt(name, rung, signal);
      worked.set(name, { rung, blocked: null });
      return hostOf(worker, rung);
    } catch (thrown) {
      const error = thrown instanceof OnAirError ? thrown : fault('worker-failed.file', { cause: thrown });
      if (error.code === 'aborted') throw error;
      errors.push(error);
    }
  }

  // What a policy stops the page can allow in one line; it is told before a file that is not there.
  const told = errors.find(({ code }) => code === 'worker-blocked') ?? errors.at(-1)!;
  const error = retold(told, !allowPage);
  if (!allowPage) throw error;
  const host = await runInPage(name, error);
  // A policy lasts as long as the page does; a file that could not be loaded may be there the next time.
  if (error.code === 'worker-blocked') worked.set(name, { rung: 'page', blocked: error });
  return host;
}

/** One rung. Leaves nothing behind when it fails. */
async function attempt(name: WorkerName, rung: WorkerRung, signal: AbortSignal | undefined): Promise<Worker> {
  let worker: Worker | null = null;
  let blobUrl: string | null = null;
  let violation = null as SecurityPolicyViolationEvent | null;
  const refused = new AbortController();
  const onViolation = (event: SecurityPolicyViolationEvent) => {
    // Other code may have its workers refused meanwhile; a Blob's address is told as the bare scheme.
    const ofBlob = event.blockedURI.startsWith('blob');
    if (event.effectiveDirective !== 'worker-src' || event.disposition !== 'enforce') return;
    if (ofBlob !== (rung === 'blob')) return;
    violation = event;
    refused.abort();
  };
  addEventListener('securitypolicyviolation', onViolation);
  try {
    throwIfAborted(signal);
    if (rung === 'blob') {
      blobUrl = URL.createObjectURL(new Blob([await sources[name].text()], { type: 'text/javascript' }));
      throwIfAborted(signal);
    }
    worker = start(name, rung, blobUrl);
    await ready(worker, refused.signal, signal);
    return worker;
  } catch (thrown) {
    worker?.terminate();
    if (!violation && !(thrown instanceof OnAirError)) await nextTask();
    throw violation ? stoppedBy(violation) : thrown;
  } finally {
    removeEventListener('securitypolicyviolation', onViolation);
    if (blobUrl) URL.revokeObjectURL(blobUrl);
  }
}

function start(name: WorkerName, rung: WorkerRung, blobUrl: string | null): Worker {
  const options = { type: 'module', name: `onair-${name}` } as const;
  const here = import.meta.url; // not in one expression with new URL, which bundlers would try to resolve
  const url = String(blobUrl ?? (rung === 'url' ? urls[name] : new URL(sources[name].file, here)));
  if (policy) return new Worker(trusted(url), options);
  try {
    return rung === 'module' ? sources[name].module() : new Worker(url, options);
  } catch (thrown) {
    // There is no asking whether a page enforces Trusted Types: the refusal, a TypeError, is the answer.
    if (!(thrown instanceof TypeError && 'trustedTypes' in globalThis)) throw thrown;
    return new Worker(trusted(url, thrown), options);
  }
}

/** Resolves with the worker's first message, `{ type: 'ready' }`; rejects with whatever came instead of it. */
function ready(worker: Worker, refused: AbortSignal, signal: AbortSignal | undefined): Promise<void> {
  const settled = new AbortController();
  const until = { signal: settled.signal };
  return new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`No first message within ${handshake} s.`)), handshake * 1000);
    settled.signal.addEventListener('abort', () => clearTimeout(timer));
    const onMessage = (event: MessageEvent) => {
      if (isReady(event.data)) resolve();
      else reject(new Error('The first message was not "ready": this is not a worker of this package.'));
    };
    const onError = (event: ErrorEvent) => {
      event.preventDefault();
      reject(new Error(event.message || 'The file could not be loaded.', { cause: event.error }));
    };
    worker.addEventListener('message', onMessage, until);
    worker.addEventListener('error', onError, until);
    refused.addEventListener('abort', () => reject(new Error('Refused by the page.')), until);
    signal?.addEventListener('abort', () => reject(aborted(signal)), until);
  }).finally(() => settled.abort());
}

const isReady = (data: unknown): boolean => (data as { type?: unknown } | null)?.type === 'ready';

function hostOf(worker: Worker, rung: WorkerRung): WorkerHost {
  const host: WorkerHost = {
    rung,
    blocked: null,
    onmessage: null,
    onerror: null,
    post: (message, transfer = []) => worker.postMessage(message, transfer),
    terminate() {
      host.onmessage = host.onerror = null;
      worker.terminate();
    },
  };
  worker.onmessage = (event) => host.onmessage?.(event.data);
  worker.onmessageerror = (event) => host.onerror?.(broken(event));
  worker.onerror = (event) => {
    event.preventDefault();
    host.onerror?.(broken(event.error ?? event.message));
  };
  return host;
}

async function runInPage(name: WorkerName, blocked: OnAirError): Promise<WorkerHost> {
  const { port1, port2 } = new MessageChannel();
  const host: WorkerHost = {
    rung: 'page',
    blocked,
    onmessage: null,
    onerror: null,
    post: (message, transfer = []) => port1.postMessage(message, transfer),
    terminate() {
      host.onmessage = host.onerror = null;
      port1.close();
    },
  };
  try {
    const serve = await sources[name].serve();
    await new Promise<void>((resolve) => {
      port1.onmessage = (event) => (isReady(event.data) ? resolve() : host.onmessage?.(event.data));
      serve(port2);
    });
  } catch (thrown) {
    host.terminate();
    throw new OnAirError(blocked.code, blocked.message, { cause: thrown });
  }
  port1.onmessageerror = (event) => host.onerror?.(broken(event));
  return host;
}

const broken = (cause: unknown): OnAirError => fault('worker-failed.gone', { cause });

const aborted = (signal: AbortSignal): OnAirError => fault('aborted.worker', { cause: signal.reason });

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw aborted(signal);
}

/** A violation is told in a task of its own, which may come after the worker's error event. */
function nextTask(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise<void>((resolve) => {
    port1.onmessage = () => resolve();
    port2.postMessage(null);
  }).finally(() => port1.close());
}

/** A file of another origin can never be a worker, so allowing its address would not help: a Blob it must be. */
function stoppedBy(violation: SecurityPolicyViolationEvent): OnAirError {
  const line = violation.blockedURI.startsWith(location.origin) ? "worker-src 'self'" : 'worker-src blob:';
  return fault('worker-blocked.policy', { cause: violation }, { line });
}

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): unknown };
}

/** Created only where the page enforces Trusted Types; it is never handed out, and passes only the addresses above. */
let policy: ReturnType<TrustedTypes['createPolicy']> | null = null;
const POLICY = 'onair-elements';

function trusted(url: string, refusal?: TypeError): URL {
  try {
    const { trustedTypes } = globalThis as unknown as { trustedTypes: TrustedTypes };
    policy ??= trustedTypes.createPolicy(POLICY, { createScriptURL: (address) => address });
    return policy.createScriptURL(url) as URL;
  } catch {
    throw fault('worker-blocked.types', { cause: refusal }, { line: `trusted-types ${POLICY}` });
  }
}

/** A file that a worker imports on demand; it is asked for only when a take needs it. */
export function partUrl(name: 'aac-encoder'): URL {
  const parts = { 'aac-encoder': () => new URL('../workers/aac-encoder.part.js', import.meta.url) };
  return parts[name]();
}
