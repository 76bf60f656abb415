import type { LivePlatform } from '../../../src/core/live/index.js';

const crlf = (...lines: string[]) => lines.join('\r\n') + '\r\n';

export const OFFER = crlf(
  'v=0',
  'o=- 1 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0 1',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111',
  'a=mid:0',
  'a=ice-ufrag:mine',
  'a=ice-pwd:secret-of-mine',
  'a=setup:actpass',
  'a=rtcp-mux',
  'a=sendonly',
  'a=rtpmap:111 opus/48000/2',
  'm=video 9 UDP/TLS/RTP/SAVPF 96',
  'a=mid:1',
  'a=ice-ufrag:mine',
  'a=ice-pwd:secret-of-mine',
  'a=setup:actpass',
  'a=rtcp-mux',
  'a=sendonly',
  'a=rtpmap:96 VP8/90000',
);

export const ANSWER = crlf(
  'v=0',
  'o=- 1 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0 1',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111',
  'a=mid:0',
  'a=ice-ufrag:theirs',
  'a=ice-pwd:secret-of-theirs',
  'a=candidate:7 1 udp 1 127.0.0.1 5000 typ host',
  'a=end-of-candidates',
  'a=setup:passive',
  'a=rtcp-mux',
  'a=recvonly',
  'a=rtpmap:111 opus/48000/2',
  'a=fmtp:111 minptime=10;useinbandfec=0',
  'm=video 9 UDP/TLS/RTP/SAVPF 96 97 102',
  'a=mid:1',
  'a=ice-ufrag:theirs',
  'a=ice-pwd:secret-of-theirs',
  'a=setup:passive',
  'a=rtcp-mux',
  'a=recvonly',
  'a=rtpmap:96 VP8/90000',
  'a=rtpmap:97 rtx/90000',
  'a=fmtp:97 apt=96',
  'a=rtpmap:102 H264/90000',
  'a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1',
);

/** Time that passes when it is told to. Chance is none: the longest delay. */
export class FakeClock {
  time = 0;
  #timers = new Map<object, { at: number; run: () => void }>();

  now = (): number => this.time;
  date = (): number => 1_700_000_000_000 + this.time;
  random = (): number => 0;

  setTimeout = (run: () => void, milliseconds: number): object => {
    const timer = {};
    this.#timers.set(timer, { at: this.time + Math.max(0, milliseconds), run });
    return timer;
  };

  clearTimeout = (timer: unknown): void => void this.#timers.delete(timer as object);

  get waiting(): number {
    return this.#timers.size;
  }

  /** Lets so many seconds pass, and all that is due happen in its order. */
  async pass(seconds: number): Promise<void> {
    const end = this.time + seconds * 1000;
    await settle();
    for (;;) {
      const [timer, next] = [...this.#timers].sort(([, a], [, b]) => a.at - b.at)[0] ?? [];
      if (!timer || !next || next.at > end) break;
      this.#timers.delete(timer);
      this.time = Math.max(this.time, next.at);
      next.run();
      await settle();
    }
    this.time = end;
    await settle();
  }
}

/** Everything that is settled has been heard. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 3; turn++) {
    // What is loaded on demand is found by another thread, which answers in the order in which it was asked.
    await import('../../../src/core/live/no-answer.js');
    await import('../../../src/core/live/refusal.js');
    await import('../../../src/core/live/bandwidth.js');
    // Timers of the code itself, too, that are none of the clock's: of no time at all. On a machine that is busy several of
    // them are due at once, and run before anything else does: each turn has to go around the whole loop.
    await new Promise((resolve) => setTimeout(() => setImmediate(resolve), 1));
  }
};

export class FakeTrack extends EventTarget {
  readyState = 'live';
  contentHint = '';
  stopped = 0;
  constructor(
    readonly kind: 'audio' | 'video',
    readonly id: string = kind,
  ) {
    super();
  }
  stop(): void {
    this.stopped++;
    this.readyState = 'ended';
  }
  getSettings = () => ({});
}

export class FakeStream extends EventTarget {
  constructor(public tracks: FakeTrack[] = []) {
    super();
  }
  getTracks = () => this.tracks;
}

class FakeSender {
  parameters: { encodings: Record<string, unknown>[] };
  /** How often these were set. */
  settings = 0;
  constructor(
    public track: FakeTrack | null,
    encodings: Record<string, unknown>[] = [{}],
  ) {
    this.parameters = { encodings };
  }
  getParameters = () => structuredClone(this.parameters);
  setParameters = async (parameters: FakeSender['parameters']) => {
    this.parameters = parameters;
    this.settings++;
  };
  replaceTrack = async (track: FakeTrack | null) => void (this.track = track);
}

/** A connection that does what it is told to: `connects` says whether it comes up, once there is an answer. */
export class FakeConnection extends EventTarget {
  static connects = true;
  /** Whether it sends what it is given. */
  static sends = true;
  /** Whether it lets anything be preferred. */
  static prefers = true;
  /** Whether it finds out that there are no more candidates. */
  static gathers = true;
  connectionState = 'new';
  iceGatheringState = 'new';
  localDescription: { type: string; sdp: string } | null = null;
  remoteDescription: { type: string; sdp: string } | null = null;
  /** In the order of what was called. */
  readonly calls: string[] = [];
  readonly transceivers: { sender: FakeSender; receiver: { track: { kind: string } } }[] = [];
  /** What was preferred. */
  order: readonly RTCRtpCodec[] = [];
  reports = 0;
  packets = 0;
  /** Whether the other side reports, and with which look each time. */
  heard = true;
  every = 1;
  #looks = 0;
  #generation = 0;
  #offer = OFFER;

  constructor(public configuration: RTCConfiguration) {
    super();
    sensible(configuration);
  }
  getConfiguration = () => this.configuration;
  setConfiguration = (configuration: RTCConfiguration) => {
    this.calls.push('setConfiguration');
    sensible(configuration);
    this.configuration = configuration;
  };
  addTransceiver = (track: FakeTrack, { sendEncodings }: { sendEncodings?: Record<string, unknown>[] }) => {
    if (!FakeConnection.sends) throw new DOMException('no such encoding', 'TypeError');
    const transceiver = {
      sender: new FakeSender(track, sendEncodings),
      receiver: { track: { kind: track.kind } },
      setCodecPreferences: (order: readonly RTCRtpCodec[]) => {
        if (!FakeConnection.prefers) throw new DOMException('not in the capabilities', 'InvalidModificationError');
        this.order = order;
      },
    };
    this.transceivers.push(transceiver);
    return transceiver;
  };
  getTransceivers = () => this.transceivers;
  getSenders = () => this.transceivers.map(({ sender }) => sender);
  createOffer = async () => {
    this.calls.push('createOffer');
    return { type: 'offer', sdp: this.#offer };
  };
  restartIce = () => {
    this.#generation++;
    this.#offer = OFFER.replaceAll('mine', `mine${this.#generation}`);
  };
  setLocalDescription = async (offer = { type: 'offer', sdp: this.#offer }) => {
    this.calls.push(offer.type === 'rollback' ? 'rollback' : 'setLocalDescription');
    if (offer.type === 'rollback') return;
    this.localDescription = offer;
    queueMicrotask(() => this.gather());
  };
  setRemoteDescription = async (answer: { type: string; sdp: string }) => {
    this.calls.push('setRemoteDescription');
    this.remoteDescription = answer;
    if (FakeConnection.connects) setImmediate(() => this.turn('connected'));
  };
  getStats = async () => {
    if (++this.#looks % this.every === 0 && this.heard) this.reports++;
    this.packets += 10;
    return new Map<string, object>([
      [
        'o',
        {
          id: 'o',
          type: 'outbound-rtp',
          kind: 'video',
          packetsSent: this.packets,
          bytesSent: this.packets * 100,
          totalPacketSendDelay: this.packets * 0.004,
        },
      ],
      ['r', { id: 'r', type: 'remote-inbound-rtp', timestamp: this.reports, roundTripTime: 0.02, fractionLost: 0 }],
    ]);
  };
  close = () => {
    this.calls.push('close');
    this.connectionState = 'closed';
  };

  gather(): void {
    const ufrag = /a=ice-ufrag:(.*)\r/.exec(this.localDescription?.sdp ?? '')?.[1];
    // One that comes too late, of credentials that are no more.
    for (const [index, usernameFragment] of ['of-before', ufrag].entries())
      this.dispatchEvent(
        Object.assign(new Event('icecandidate'), {
          candidate: { candidate: `candidate:${index} ${usernameFragment}`, sdpMLineIndex: 0, usernameFragment },
        }),
      );
    const { type, sdp } = this.localDescription!;
    this.localDescription = { type, sdp: `${sdp}a=candidate:1 ${ufrag}\r\n` };
    if (!FakeConnection.gathers) return;
    this.localDescription.sdp += 'a=end-of-candidates\r\n';
    this.iceGatheringState = 'complete';
    this.dispatchEvent(new Event('icegatheringstatechange'));
  }

  turn(state: string): void {
    if (this.connectionState === 'closed') return;
    this.connectionState = state;
    this.dispatchEvent(new Event('connectionstatechange'));
  }
}

/** @throws DOMException as a browser does that cannot read the address of a server */
function sensible({ iceServers = [] }: RTCConfiguration): void {
  if (!iceServers.every(({ urls }) => /^(stun|turn)s?:./.test(String(urls))))
    throw new DOMException('no such scheme', 'SyntaxError');
}

export interface Request {
  readonly at: number;
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: string;
  readonly keepalive: boolean;
  readonly cache: RequestCache;
}

type Answer = Response | Error | Promise<Response>;

/** A server by hand: what `answers` has is given first, by method; after that what a server gives that has no trouble. */
export class FakeServer {
  readonly requests: Request[] = [];
  readonly answers: Record<string, ((request: Request) => Answer)[]> = { POST: [], PATCH: [], DELETE: [] };
  readonly sessions = new Set<string>();
  down = false;
  #count = 0;

  constructor(private readonly clock: FakeClock) {}

  fetch = async (url: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    const { method = 'GET', body, headers, keepalive = false, cache = 'default' } = init;
    const request = {
      at: this.clock.time,
      method,
      url: url as string,
      headers: new Headers(headers),
      body: (body ?? '') as string,
      keepalive,
      cache,
    };
    this.requests.push(request);
    const answer = this.answers[method]?.shift();
    const given = answer ? answer(request) : this.down ? new TypeError('failed to fetch') : this.#usual(request);
    const settled = await (given instanceof Promise ? race(given, init.signal) : given);
    if (settled instanceof Error) throw settled;
    return settled.url ? settled : Object.defineProperty(settled, 'url', { value: url });
  };

  of(method: string): Request[] {
    return this.requests.filter((request) => request.method === method);
  }

  /** As a server does that has no trouble. */
  usual = (request: Request): Response => this.#usual(request);

  #usual({ method, url, headers }: Request): Response {
    if (method === 'POST') {
      const id = `/s/${++this.#count}`;
      this.sessions.add(id);
      return new Response(ANSWER, { status: 201, headers: { Location: id, ETag: `"${this.#count}"` } });
    }
    const path = new URL(url).pathname;
    if (!this.sessions.has(path)) return new Response('', { status: 404 });
    if (method === 'DELETE') {
      this.sessions.delete(path);
      return new Response('', { status: 200 });
    }
    if (headers.get('If-Match') !== '*') return new Response(null, { status: 204 });
    return new Response('a=ice-ufrag:again\r\na=ice-pwd:secret\r\n', { status: 200, headers: { ETag: '"again"' } });
  }
}

function race(answer: Promise<Response>, signal: AbortSignal | null | undefined): Promise<Response> {
  return new Promise((resolve, reject) => {
    answer.then(resolve, reject);
    signal?.addEventListener('abort', () => reject(new DOMException('', 'AbortError')));
  });
}

export const never = (): Promise<Response> => new Promise(() => {});
export const status =
  (code: number, headers: Record<string, string> = {}) =>
  (): Response =>
    new Response([204, 304].includes(code) ? null : '', { status: code, headers });

/** A page with everything in it that is fake. */
export function fakePage() {
  const clock = new FakeClock();
  const server = new FakeServer(clock);
  const connections: FakeConnection[] = [];
  const window = new EventTarget();
  const document = Object.assign(new EventTarget(), { hidden: false, baseURI: 'https://page.example/' });
  FakeConnection.connects = FakeConnection.sends = FakeConnection.prefers = true;
  const platform: LivePlatform = {
    now: clock.now,
    date: clock.date,
    random: clock.random,
    setTimeout: clock.setTimeout,
    clearTimeout: clock.clearTimeout,
    fetch: server.fetch,
    connect: (configuration) => {
      const connection = new FakeConnection(configuration);
      connections.push(connection);
      return connection as unknown as RTCPeerConnection;
    },
    codecs: () => [],
    window,
    document,
    network: undefined,
  };
  return { clock, server, connections, window, document, platform };
}

// Node has neither.
Object.assign(globalThis, { MediaStream: FakeStream });
