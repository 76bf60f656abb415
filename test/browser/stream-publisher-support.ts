import type { OaMediaProducer } from '../../dist/components/media-producer/media-producer.js';
import type { OaStreamPublisher } from '../../dist/components/stream-publisher/stream-publisher.js';
import { waitUntil } from './wait.js';
import { movingPicture } from './picture.js';

export type { OaMediaProducer, OaStreamPublisher };

export const SERVER = 'https://whip.test';
export const GIVEN = `<media-producer><stream-publisher src="${SERVER}/room"></stream-publisher></media-producer>`;

interface Session {
  readonly connection: RTCPeerConnection;
  etag: string;
}

const gathered = (connection: RTCPeerConnection): Promise<void> =>
  new Promise((resolve) => {
    const look = () => connection.iceGatheringState === 'complete' && resolve();
    connection.addEventListener('icegatheringstatechange', look);
    look();
  });

/** A WHIP server in the page: it takes the place of `fetch` for its own addresses, and media really flows to it. */
export class PageServer {
  readonly requests: { method: string; headers: Headers }[] = [];
  readonly sessions = new Map<string, Session>();
  /** Answers instead of what it would, first in, first out. */
  readonly answers: (() => Response | Promise<Response>)[] = [];
  down = false;
  readonly #real = window.fetch;
  #count = 0;

  constructor() {
    window.fetch = (input, init) =>
      typeof input === 'string' && input.startsWith(SERVER) ? this.#take(input, init) : this.#real(input, init);
  }

  /** Every connection gone, without a word by HTTP. */
  forget(): void {
    for (const { connection } of this.sessions.values()) connection.close();
    this.sessions.clear();
  }

  restore(): void {
    this.forget();
    window.fetch = this.#real;
  }

  /** Pictures that have arrived. */
  async frames(): Promise<number> {
    let count = 0;
    for (const { connection } of this.sessions.values())
      (await connection.getStats()).forEach((one: { type: string; framesReceived?: number }) => {
        if (one.type === 'inbound-rtp') count += one.framesReceived ?? 0;
      });
    return count;
  }

  async #take(url: string, { method = 'GET', headers, body }: RequestInit = {}): Promise<Response> {
    this.requests.push({ method, headers: new Headers(headers) });
    if (this.down) throw new TypeError('Failed to fetch');
    const answer = await (this.answers.shift()?.() ?? this.#answer(method, url, body as string));
    return Object.defineProperty(answer, 'url', { value: url });
  }

  async #answer(method: string, url: string, body: string): Promise<Response> {
    if (method === 'POST') return this.#open(body);
    const path = new URL(url).pathname;
    const session = this.sessions.get(path);
    if (!session) return new Response('', { status: 404 });
    if (method === 'DELETE') {
      session.connection.close();
      this.sessions.delete(path);
      return new Response('', { status: 200 });
    }
    for (const [, candidate] of body.matchAll(/^a=(candidate:.*?)\r?$/gm))
      await session.connection.addIceCandidate({ candidate: candidate!, sdpMLineIndex: 0 }).catch(() => {});
    return new Response(null, { status: 204 });
  }

  async #open(sdp: string): Promise<Response> {
    const connection = new RTCPeerConnection();
    await connection.setRemoteDescription({ type: 'offer', sdp });
    await connection.setLocalDescription();
    await gathered(connection);
    const id = `/session/${++this.#count}`;
    const etag = `"${this.#count}"`;
    this.sessions.set(id, { connection, etag });
    return new Response(connection.localDescription!.sdp, { status: 201, headers: { Location: id, ETag: etag } });
  }
}

export let place: HTMLElement;
export let server: PageServer;
const letGo: (() => void)[] = [];

export const publisher = () => place.querySelector<OaStreamPublisher>('stream-publisher')!;
export const producer = () => place.querySelector<OaMediaProducer>('media-producer')!;
export const part = (name: string, of = publisher()) => of.shadowRoot!.querySelector<HTMLElement>(`[part~="${name}"]`);
export const textOf = (node: Element | null | undefined) => node?.textContent.replace(/\s+/g, ' ').trim() ?? '';
export const announced = () => textOf(publisher().shadowRoot!.querySelector('[role=status]'));

export async function insert(markup = GIVEN): Promise<OaStreamPublisher> {
  place = document.createElement('div');
  place.innerHTML = markup;
  document.body.append(place);
  await publisher()?.updateComplete;
  return publisher();
}

export function picture(): MediaStream {
  const { stream, end } = movingPicture();
  letGo.push(end);
  return stream;
}

/** A publisher whose producer has a picture of the page. */
export async function ready(markup = GIVEN): Promise<OaStreamPublisher> {
  const element = await insert(markup);
  producer().srcObject = picture();
  await element.updateComplete;
  return element;
}

export async function reached(element: OaStreamPublisher, state: string): Promise<void> {
  await waitUntil(() => element.state === state, `state ${state}`);
  await element.updateComplete;
}

/** A publisher that is live, and has figures to show. */
export async function live(markup = GIVEN): Promise<OaStreamPublisher> {
  const element = await ready(markup);
  await element.start();
  await waitUntil(() => element.stats !== null && element.stats.width !== null, 'figures');
  await element.updateComplete;
  return element;
}

export function begin(): void {
  server = new PageServer();
}

/** Nothing of a test stays. */
export async function tidy(): Promise<void> {
  const elements = [...place.querySelectorAll<OaStreamPublisher>('stream-publisher')];
  server.down = false;
  server.answers.length = 0;
  await Promise.all(elements.map((element) => element.stop()));
  place.remove();
  server.restore();
  for (const end of letGo.splice(0)) end();
  document.documentElement.lang = 'en';
}
