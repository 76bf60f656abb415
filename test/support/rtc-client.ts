import datachannel, { type PeerConnection, type Track } from 'node-datachannel';

/** Resolves once `holds`; media and its reports come when they come. */
export async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

export interface Exchange {
  status: number;
  headers: Headers;
  text: string;
}

/** What both ends of a session need: a request to the server, with or without a token. */
export async function ask(
  url: string,
  method: string,
  headers: Record<string, string> = {},
  body?: string,
): Promise<Exchange> {
  const response = await fetch(url, { method, headers, body: body ?? null, redirect: 'manual' });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

const SDP = { 'Content-Type': 'application/sdp' };
export const FRAGMENT = { 'Content-Type': 'application/trickle-ice-sdpfrag' };

const KINDS = { VP8: 96, H264: 97 } as const;
export type Codec = keyof typeof KINDS;

const RATE = 30;
/** What is sent so often a second, unless told: packets of a picture, and bytes of each. */
const PICTURE = { packets: 3, bytes: 1000 };

/** A client of WHIP or WHEP by libdatachannel, which shares no code with the server's WebRTC. */
export class RtcClient {
  readonly #pc: PeerConnection;
  readonly #track: Track;
  readonly #codec: Codec;
  readonly #token: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #sequence = 65_000;
  #timestamp = 0;
  /** Where the session is; empty before there is one. */
  url = '';
  etag = '';
  offer = '';
  state = 'new';
  /** Packets that were given away to be sent. */
  sent = 0;
  /** What came. */
  packets = 0;
  frames = 0;
  keyFrameRequests = 0;
  /** Header extensions (RFC 8285) of the last packet, by their ids. */
  extensions: ReadonlyMap<number, Buffer> = new Map();
  /** Bits per second that the server allows; 0 before it said so. */
  allowed = 0;
  #wantsKeyFrame = true;

  private constructor(kind: 'whip' | 'whep', codec: Codec, token?: string) {
    this.#codec = codec;
    this.#token = token;
    this.#pc = new datachannel.PeerConnection('client', { iceServers: [], disableAutoNegotiation: true });
    const video = new datachannel.Video('0', kind === 'whip' ? 'SendOnly' : 'RecvOnly');
    if (codec === 'VP8') video.addVP8Codec(KINDS.VP8);
    else video.addH264Codec(KINDS.H264);
    if (kind === 'whip') video.addSSRC(4711, 'client', 'stream', 'track');
    this.#track = this.#pc.addTrack(video);
    this.#track.onMessage((packet) => this.#take(packet));
    this.#pc.onStateChange((state) => (this.state = state));
  }

  /**
   * Offers and connects, with all candidates in the offer, or with names in place of its addresses that nobody can find (`hidden`);
   * `attributes` are more lines of its picture. Resolves with what the server said.
   */
  static async open(
    endpoint: string,
    {
      kind = 'whip',
      codec = 'VP8',
      token,
      hidden = false,
      attributes = [],
    }: { kind?: 'whip' | 'whep'; codec?: Codec; token?: string; hidden?: boolean; attributes?: readonly string[] } = {},
  ): Promise<{ client: RtcClient; answer: Exchange }> {
    const client = new RtcClient(kind, codec, token);
    const answer = await client.#connect(endpoint, hidden, attributes);
    return { client, answer };
  }

  /** Sends thirty frames a second until it is paused or closed. */
  play({ packets, bytes } = PICTURE): void {
    const began = performance.now();
    let pictures = 0;
    // By the clock: a timer that comes late has more to send.
    const send = () => {
      const due = Math.floor(((performance.now() - began) * RATE) / 1000) + 1;
      for (; pictures < due; pictures++) this.#sendFrame(packets, bytes);
    };
    this.#timer ??= setInterval(send, 1000 / RATE);
  }

  pause(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Asks of its session. */
  session(method: string, headers: Record<string, string> = {}, body?: string): Promise<Exchange> {
    return ask(this.url, method, { ...this.#login, ...headers }, body);
  }

  /** Goes away; the session is none of its business. */
  close(): void {
    this.pause();
    this.#pc.close();
  }

  get #login(): Record<string, string> {
    return this.#token ? { Authorization: `Bearer ${this.#token}` } : {};
  }

  async #connect(endpoint: string, hidden: boolean, attributes: readonly string[]): Promise<Exchange> {
    this.#pc.setLocalDescription();
    await eventually(() => this.#pc.gatheringState() === 'complete');
    this.offer = this.#pc.localDescription()!.sdp;
    if (hidden) this.offer = this.offer.replace(/(a=candidate:\S+ 1 UDP \d+ )\S+/g, '$1nobody-knows.local');
    this.offer += attributes.map((line) => `${line}\r\n`).join('');
    const answer = await ask(endpoint, 'POST', { ...SDP, ...this.#login }, this.offer);
    if (answer.status !== 201) return answer;
    this.url = new URL(answer.headers.get('location') ?? '', endpoint).href;
    this.etag = answer.headers.get('etag') ?? '';
    this.#pc.setRemoteDescription(answer.text, 'answer');
    return answer;
  }

  #sendFrame(packets: number, bytes: number): void {
    if (!this.#track.isOpen()) return;
    const key = this.#wantsKeyFrame;
    this.#wantsKeyFrame = false;
    this.#timestamp += 3000;
    for (let packet = 0; packet < packets; packet++) {
      const payload = Buffer.alloc(bytes);
      const first = packet === 0;
      Buffer.from(this.#codec === 'VP8' ? vp8Start(first, key) : h264Start(first, key)).copy(payload);
      if (!this.#sent(Buffer.concat([this.#header(packet === packets - 1), payload]))) return;
      this.sent++;
    }
  }

  /** Whether it was sent: the other side may close the track between any look at it and what is done then. */
  #sent(packet: Buffer): boolean {
    try {
      this.#track.sendMessageBinary(packet);
      return true;
    } catch (thrown) {
      if (this.#track.isOpen()) throw thrown;
      return false;
    }
  }

  #header(marker: boolean): Buffer {
    const header = Buffer.alloc(12);
    header[0] = 0x80;
    header[1] = (marker ? 0x80 : 0) | KINDS[this.#codec];
    header.writeUInt16BE(this.#sequence, 2);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    header.writeUInt32BE(this.#timestamp, 4);
    header.writeUInt32BE(4711, 8);
    return header;
  }

  #take(packet: Buffer): void {
    const type = packet[1]!;
    // RTCP: 206 is payload-specific feedback, of which 1 asks for a key frame and 15 tells a bitrate.
    if (type < 192 || type > 223) {
      this.packets++;
      if (type & 0x80) this.frames++;
      this.extensions = extensionsOf(packet);
    } else if (type === 206 && (packet[0]! & 0x1f) === 1) {
      this.keyFrameRequests++;
      this.#wantsKeyFrame = true;
    } else if (type === 206 && packet.toString('latin1', 12, 16) === 'REMB') {
      const exponent = packet[17]! >> 2;
      this.allowed = (((packet[17]! & 3) << 16) | packet.readUInt16BE(18)) * 2 ** exponent;
    }
  }
}

/** A descriptor with the start bit, and for a key frame a header of 640 by 480. */
const vp8Start = (first: boolean, key: boolean): number[] =>
  first ? [0x10, key ? 0 : 1, 0, 0, 0x9d, 1, 0x2a, 0x80, 2, 0xe0, 1] : [0];

/** A fragment of an IDR picture or of another one, whose first slice it may be. */
const h264Start = (first: boolean, key: boolean): number[] => [0x7c, (first ? 0x80 : 0) | (key ? 5 : 1), 0x88];

/** What a counter looks at in a packet of RTP (RFC 3550); null for one of RTCP. */
export function parseRtp(packet: Buffer) {
  const type = packet[1]!;
  if (type >= 192 && type <= 223) return null;
  const start = 12 + 4 * (packet[0]! & 0x0f);
  const extension = packet[0]! & 0x10 ? 4 + 4 * packet.readUInt16BE(start + 2) : 0;
  const header = { marker: type >= 128, sequenceNumber: packet.readUInt16BE(2) };
  return { header, payload: packet.subarray(start + extension) };
}

/** Those of one byte before each: an id, and a length less one. */
function extensionsOf(packet: Buffer): Map<number, Buffer> {
  const found = new Map<number, Buffer>();
  const start = 12 + 4 * (packet[0]! & 0x0f);
  if (!(packet[0]! & 0x10) || packet.readUInt16BE(start) !== 0xbede) return found;
  const end = start + 4 + 4 * packet.readUInt16BE(start + 2);
  for (let at = start + 4; at < end; at++) {
    const byte = packet[at]!;
    // Padding.
    if (byte === 0) continue;
    const size = (byte & 0x0f) + 1;
    found.set(byte >> 4, packet.subarray(at + 1, at + 1 + size));
    at += size;
  }
  return found;
}

/** Ends the threads of libdatachannel, without which a process does not end. */
export const cleanUp = (): void => datachannel.cleanup();
