import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import type { openPeer } from '../../demo/server/peer.mjs';
import { parseRtp } from './rtc-client.js';

const program = '/usr/bin/janus';

/** So that tests which need it are counted as skipped, by name. */
export function lacksJanus(): string | false {
  try {
    accessSync(program, constants.X_OK);
    return false;
  } catch {
    return 'Janus is not installed';
  }
}

const disabled = (names: string) => `disable = "${names.replace(/\w+/g, 'libjanus_$&.so').replaceAll(' ', ',')}"`;

/** Only what is used here: some of the others wait for servers of their own. */
const settings = `general: { debug_colors = false }
media: { ipv6 = false }
transports: { ${disabled('mqtt nanomsg http pfunix rabbitmq')} }
plugins: { ${disabled('audiobridge duktape echotest lua nosip recordplay sip streaming textroom videocall voicemail')} }
`;

interface Reply {
  janus: string;
  transaction?: string;
  data?: { id: number };
  plugindata?: { data: { videoroom?: string; id?: number; error?: string } };
  jsep?: { sdp: string };
}

/** A Janus on this machine, and what puts it behind the HTTP of the embedded server in place of werift. */
export class Janus {
  readonly #folder: string;
  readonly #end: () => Promise<unknown>;
  readonly #address: string;

  private constructor(folder: string, address: string, end: () => Promise<unknown>) {
    this.#folder = folder;
    this.#address = address;
    this.#end = end;
  }

  static async start(): Promise<Janus> {
    const folder = await mkdtemp(join(tmpdir(), 'onair-janus-'));
    const port = await freePort();
    await writeFile(join(folder, 'janus.jcfg'), settings);
    await writeFile(join(folder, 'janus.plugin.videoroom.jcfg'), 'general: { }\n');
    const sockets = `general: { ws = true, ws_port = ${port}, ws_ip = "127.0.0.1" }\nadmin: { admin_ws = false }\n`;
    await writeFile(join(folder, 'janus.transport.websockets.jcfg'), sockets);
    // Where it leaves its core when it crashes.
    const child = spawn(program, ['--configs-folder', folder], { cwd: folder, stdio: 'ignore' });
    const janus = new Janus(folder, `ws://127.0.0.1:${port}`, () => {
      child.kill('SIGTERM');
      return once(child, 'exit');
    });
    // What it prints comes when its buffer is full.
    while (!(await listens(port))) await new Promise((resolve) => setTimeout(resolve, 50));
    return janus;
  }

  async close(): Promise<void> {
    await this.#end();
    await rm(this.#folder, { recursive: true });
  }

  /** Opens a room of its own for a publisher, and has its packets forwarded here to be counted. */
  openPeer: typeof openPeer = async ({ offer, bitrate, onConnection, onHeard, onRtp }) => {
    const session = await JanusSession.open(this.#address, {
      webrtcup: () => onConnection('connected'),
      hangup: () => onConnection('closed'),
    });
    const room = randomInt(1, 2 ** 31);
    await session.say({ request: 'create', room, bitrate: bitrate(), videocodec: 'vp8,h264', audiocodec: 'opus' });
    const joined = await session.say({ request: 'join', ptype: 'publisher', room });
    const publish = async (sdp: string) => {
      const { jsep } = await session.say({ request: 'configure' }, { type: 'offer', sdp });
      if (!jsep) throw new Error('Janus did not answer the offer.');
      return jsep.sdp;
    };
    const answer = await publish(offer);
    const codec = /VP8\/90000/.test(answer) ? 'VP8' : 'H264';
    const sink = createSocket('udp4');
    sink.on('message', (packet) => {
      onHeard();
      const rtp = parseRtp(packet);
      if (rtp) onRtp({ kind: 'video', codec, layer: '', rtp });
    });
    sink.bind(0, '127.0.0.1');
    await once(sink, 'listening');
    const streams = [{ mid: '0', port: sink.address().port }];
    const publisher = joined.plugindata?.data.id;
    await session.say({ request: 'rtp_forward', room, publisher_id: publisher, host: '127.0.0.1', streams });
    return {
      answer,
      addCandidate: ({ candidate, mid }) => session.trickle({ candidate, sdpMid: mid }),
      restart: publish,
      askKeyFrame: () => void session.say({ request: 'configure', keyframe: true }),
      silence: () => {},
      async close() {
        await session.close();
        await new Promise<void>((resolve) => sink.close(() => resolve()));
      },
    };
  };
}

/** A session of Janus with one handle of the VideoRoom. */
class JanusSession {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<string, (reply: Reply) => void>();
  #ids: { session_id?: number; handle_id?: number } = {};

  private constructor(socket: WebSocket, events: Record<string, () => void>) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      const reply = JSON.parse(data.toString()) as Reply;
      events[reply.janus]?.();
      // What takes time is acknowledged first.
      if (reply.janus === 'ack' || !reply.transaction) return;
      this.#waiting.get(reply.transaction)?.(reply);
      this.#waiting.delete(reply.transaction);
    });
  }

  static async open(address: string, events: Record<string, () => void>): Promise<JanusSession> {
    const socket = new WebSocket(address, 'janus-protocol');
    await once(socket, 'open');
    const session = new JanusSession(socket, events);
    session.#ids = { session_id: (await session.#ask({ janus: 'create' })).data!.id };
    const { data } = await session.#ask({ janus: 'attach', plugin: 'janus.plugin.videoroom' });
    session.#ids = { ...session.#ids, handle_id: data!.id };
    return session;
  }

  async say(body: object, jsep?: object): Promise<Reply> {
    const reply = await this.#ask({ janus: 'message', body, ...(jsep ? { jsep } : {}) });
    const error = reply.plugindata?.data.error;
    if (error) throw new Error(error);
    return reply;
  }

  async trickle(candidate: object): Promise<void> {
    this.#socket.send(JSON.stringify({ janus: 'trickle', transaction: 'trickle', candidate, ...this.#ids }));
  }

  async close(): Promise<void> {
    const closed = once(this.#socket, 'close');
    await this.#ask({ janus: 'destroy' });
    this.#socket.close();
    await closed;
  }

  #ask(message: object): Promise<Reply> {
    const transaction = String(Math.random());
    return new Promise((resolve) => {
      this.#waiting.set(transaction, resolve);
      this.#socket.send(JSON.stringify({ ...message, transaction, ...this.#ids }));
    });
  }
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
