import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { openPeer } from '../../demo/server/peer.mjs';
import { startServer } from '../../demo/server/start-server.mjs';
import { strictCsp } from '../../demo/server/server.mjs';
import { TestBrowser, type BrowserName, type BrowserSettings, type Tab } from './browser.js';
import { TestServer } from './server.js';
import type { LogEntry } from './stage.js';

export type ServerOptions = NonNullable<Parameters<typeof startServer>[0]>;
export type MediaServer = Awaited<ReturnType<typeof startServer>>;
export type MediaSession = MediaServer['sessions'][number];

/** What was asked of the media server. */
export type Asked = Parameters<NonNullable<ServerOptions['onRequest']>>[0];

/** A page as it tells of its publisher (test/pages/live.js). */
export interface PublisherStatus {
  state: string;
  reason: string | null;
  attempt: number;
  error: { code: string; message: string; fatal: boolean } | null;
  stats: {
    bitrate: number | null;
    frameRate: number | null;
    width: number | null;
    height: number | null;
    codec: string | null;
    lost: number | null;
    roundTrip: number | null;
    available: number | null;
    uptime: number;
    attempts: number;
    recoveries: number;
    recoveryTime: number | null;
  } | null;
}

/** Milliseconds after which media is to be seen again, from when that is possible. */
export const BACK = 5000;

/** Put before the code of a page: keeps its connections, so that they can be looked at. */
export const KEPT = `
  globalThis.connections = [];
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...given) {
      super(...given);
      connections.push(this);
    }
  };
`;

export const status = (tab: Tab): Promise<PublisherStatus> => tab.call<PublisherStatus>('status');

/** Resolves with what it answers once that is something. @param seconds at most */
export async function until<T>(
  look: () => T | null | undefined | false,
  seconds = 20,
  what = String(look),
): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const found = look();
    if (found !== null && found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`In vain for ${seconds} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A server for pages, one for media, at another origin, and a browser. */
export class LiveStage {
  readonly asked: Asked[] = [];
  /** Whether answers do not say where the server is: then it has to be told where the client is. */
  hidden = false;
  media!: MediaServer;

  private constructor(
    readonly pages: TestServer,
    readonly browser: TestBrowser,
  ) {}

  static async open(
    name: BrowserName,
    options: ServerOptions = {},
    settings: BrowserSettings = {},
  ): Promise<LiveStage> {
    const pages = await TestServer.start();
    pages.policy = `${strictCsp}; connect-src *`;
    const stage = new LiveStage(pages, await TestBrowser.launch(name, settings));
    const open = options.openPeer ?? openPeer;
    stage.media = await startServer({
      ...options,
      openPeer: async (given) => {
        const peer = await open(given);
        const hidden = () => peer.answer.replace(/^a=(candidate:.*|end-of-candidates)\r?\n/gm, '');
        return stage.hidden ? { ...peer, answer: hidden() } : peer;
      },
      onRequest: (request) => stage.asked.push(request),
    });
    return stage;
  }

  endpoint(room = 'room'): string {
    return `${this.media.url}/whip/${room}`;
  }

  /** Opens the page, with a publisher that does nothing yet. */
  async tab(
    setup: {
      source?: string;
      options?: object;
      attributes?: Record<string, string | number>;
      properties?: object;
      record?: boolean;
    } = {},
    prelude?: string,
  ): Promise<Tab> {
    const tab = await this.browser.tab(this.pages.page('live.html'), prelude === undefined ? {} : { prelude });
    // A page that nobody sees draws nothing.
    await tab.page.bringToFront();
    await tab.call('open', { ...setup, attributes: { src: this.endpoint(), ...setup.attributes } });
    return tab;
  }

  /** The publishers that the server knows. */
  get sessions(): MediaSession[] {
    return this.media.sessions.filter(({ kind }) => kind === 'whip');
  }

  /** Resolves when the server has seen pictures that were not there at that moment; with the milliseconds that took. */
  async flows(since: number, seconds = 20): Promise<number> {
    // One that was on its way, or in a buffer, is no sign of life.
    const settled = since + 200;
    const at = await until(
      () => this.sessions.find(({ video }) => video.lastFrameAt > settled && video.frames > 3)?.video.lastFrameAt,
      seconds,
      'pictures at the server',
    );
    return at - since;
  }

  /** A page that is live, and whose pictures arrive. */
  async live(...given: Parameters<LiveStage['tab']>): Promise<Tab> {
    const tab = await this.tab(...given);
    assert.equal(await tab.call('start'), 'done', JSON.stringify((await status(tab)).error));
    await until(() => this.sessions.find(({ video }) => video.frames > 20), 20, 'pictures at the server');
    return tab;
  }

  /** The same, once reports of the other side have begun, and it is known how often they come. */
  async settled(...given: Parameters<LiveStage['tab']>): Promise<Tab> {
    const tab = await this.live(...given);
    await tab.call('settled');
    return tab;
  }

  /** It is live again, with pictures, soon after that moment. */
  async comesBack(test: TestContext, tab: Tab, since: number): Promise<void> {
    const took = await this.flows(since);
    test.diagnostic(`pictures again after ${Math.round(took)} ms`);
    assert.ok(took < BACK, `${Math.round(took)} ms`);
    await tab.call('reached', 'live');
  }

  /** Ends it: nobody holds a session, nothing was thrown that nobody caught, and tracks are as before. */
  async endsClean(tab: Tab): Promise<void> {
    const { state, stats, error } = await status(tab);
    assert.equal(state, 'live');
    assert.equal(error, null);
    assert.ok(stats);
    assert.equal(this.sessions.length, 1, 'one session, and no orphan');
    await tab.call('stop');
    await until(() => this.sessions.length === 0, 5, 'no session');
    assert.deepEqual(await tab.call('tracks'), ['live', 'live'], 'tracks are the producer’s');
    const log = await tab.call<LogEntry[]>('log');
    assert.deepEqual(
      log.filter(({ type }) => type === 'unhandledrejection'),
      [],
    );
  }

  of(method: string): Asked[] {
    return this.asked.filter((one) => one.method === method);
  }

  /** After a test, however it went. */
  async clear(): Promise<void> {
    await this.browser.closeTabs('about:blank');
    this.media.faults.clear();
    this.media.token = null;
    this.hidden = false;
    await Promise.all(this.media.sessions.map((session) => session.end('cleared')));
    this.asked.length = 0;
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.media.close();
    await this.pages.close();
  }
}
