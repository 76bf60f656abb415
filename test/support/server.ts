import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { serve, strictCsp } from '../../demo/server/server.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const WORKERS = ['/dist/workers/record.worker.js', '/dist/cdn/workers/record.worker.js'];

/** A worker that stands still at a step of its take. */
export interface Hold {
  step: string;
  /** Milliseconds since the epoch. */
  at: number;
}

/** What the pages of a test come from: test/pages and dist, under the policy that the package promises to live with. */
export class TestServer {
  readonly origin: string;
  /** Sent with every page and script. */
  policy = strictCsp;
  /** Put before the code of the package's workers: faults that no browser can be asked for. */
  workerPrelude = '';
  readonly #folder: string;
  readonly #close: () => Promise<void>;
  #held: Hold[] = [];
  #awaited: ((hold: Hold) => void)[] = [];

  private constructor(origin: string, folder: string, close: () => Promise<void>) {
    this.origin = origin;
    this.#folder = folder;
    this.#close = close;
  }

  static async start(): Promise<TestServer> {
    const folder = await mkdtemp(join(tmpdir(), 'onair-files-'));
    const own: { server: TestServer | null } = { server: null };
    const { url, close } = await serve({
      csp: () => own.server?.policy ?? null,
      mounts: { '/pages/': join(ROOT, 'test/pages'), '/dist/': join(ROOT, 'dist'), '/files/': folder },
      routes: {
        '/favicon.ico': (_, response) => response.writeHead(204).end(),
        '/put': (request, response) => own.server?.take(request, response),
        '/hold': (request) => own.server?.hold(request),
        '/wait': (request, response) => own.server?.wait(request, response),
        ...Object.fromEntries(
          WORKERS.map((path) => [
            path,
            (_: IncomingMessage, response: ServerResponse) => own.server?.worker(path, response),
          ]),
        ),
      },
    });
    own.server = new TestServer(url, folder, close);
    return own.server;
  }

  /** Takes back every fault that was set. */
  forget(): void {
    this.policy = strictCsp;
    this.workerPrelude = '';
    this.#held = [];
    this.#awaited = [];
  }

  async close(): Promise<void> {
    await this.#close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  page(name: string): string {
    return `${this.origin}/pages/${name}`;
  }

  /** Where a file that a page handed over lies; pages find it under `/files/`. */
  file(name: string): string {
    return join(this.#folder, basename(name));
  }

  /** Code that makes a worker stand still once this step of a take is in the journal, and before it is acted on. */
  holdAt(step: string): string {
    return `{
      const { write, flush } = FileSystemSyncAccessHandle.prototype;
      const due = new WeakSet();
      FileSystemSyncAccessHandle.prototype.write = function (bytes, options) {
        if (bytes.byteLength < 4096 && new TextDecoder().decode(bytes).includes('"step":"${step}"')) due.add(this);
        return write.call(this, bytes, options);
      };
      FileSystemSyncAccessHandle.prototype.flush = function () {
        flush.call(this);
        if (!due.delete(this)) return;
        const request = new XMLHttpRequest();
        // A request for what another one is being asked for would wait for it: 20 s in Chromium.
        request.open('GET', '${this.origin}/hold?step=${step}&' + Math.random(), false);
        request.send();
      };
    }`;
  }

  /** Resolves when a worker stands still; it does so until it is killed. */
  held(): Promise<Hold> {
    const hold = this.#held.shift();
    return hold ? Promise.resolve(hold) : new Promise((resolve) => this.#awaited.push(resolve));
  }

  /** @internal */
  async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const flags = Number(this.#query(request, 'from')) > 0 ? 'a' : 'w';
    await pipeline(request, createWriteStream(this.file(this.#query(request, 'name')), { flags }));
    response.writeHead(204).end();
  }

  /** @internal The request is never answered. */
  hold(request: IncomingMessage): void {
    const hold = { step: this.#query(request, 'step'), at: Date.now() };
    const awaited = this.#awaited.shift();
    if (awaited) awaited(hold);
    else this.#held.push(hold);
  }

  /** @internal Answers after some milliseconds. */
  wait(request: IncomingMessage, response: ServerResponse): void {
    setTimeout(() => response.writeHead(204).end(), Number(this.#query(request, 'ms')));
  }

  /** @internal */
  async worker(path: string, response: ServerResponse): Promise<void> {
    const text = await readFile(join(ROOT, path), 'utf8');
    response.setHeader('Content-Type', 'text/javascript; charset=utf-8').end(`${this.workerPrelude}\n${text}`);
  }

  #query(request: IncomingMessage, name: string): string {
    return new URL(request.url ?? '/', this.origin).searchParams.get(name) ?? '';
  }
}
