import { startServer } from '../../demo/server/start-server.mjs';
import { strictCsp } from '../../demo/server/server.mjs';
import { TestBrowser, type BrowserName, type Tab } from './browser.js';
import { TestServer } from './server.js';

type ServerOptions = NonNullable<Parameters<typeof startServer>[0]>;
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
  media!: MediaServer;

  private constructor(
    readonly pages: TestServer,
    readonly browser: TestBrowser,
  ) {}

  static async open(name: BrowserName, options: ServerOptions = {}): Promise<LiveStage> {
    const pages = await TestServer.start();
    pages.policy = `${strictCsp}; connect-src *`;
    const stage = new LiveStage(pages, await TestBrowser.launch(name));
    stage.media = await startServer({ ...options, onRequest: (request) => stage.asked.push(request) });
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
  ): Promise<Tab> {
    const tab = await this.browser.tab(this.pages.page('live.html'));
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

  of(method: string): Asked[] {
    return this.asked.filter((one) => one.method === method);
  }

  /** After a test, however it went. */
  async clear(): Promise<void> {
    await this.browser.closeTabs('about:blank');
    this.media.faults.clear();
    this.media.token = null;
    await Promise.all(this.media.sessions.map((session) => session.end('cleared')));
    this.asked.length = 0;
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.media.close();
    await this.pages.close();
  }
}
