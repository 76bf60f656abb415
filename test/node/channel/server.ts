import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket as NodeWebSocket, WebSocketServer } from 'ws';
import { startServer, type EmbeddedServer, type ServerOptions } from '../../../demo/server/start-server.mjs';
import { LiveSocket, type LiveSocketOptions, type LiveSocketState } from '../../../src/core/channel/index.js';

/** Node 20 has none of its own. */
const implementation = NodeWebSocket as unknown as typeof WebSocket;

/** Short times, so that nobody waits for a link to be judged. */
export const QUICK = { interval: 0.1, timeout: 0.2 };

export const start = (options: ServerOptions = {}): Promise<EmbeddedServer> => startServer({ mounts: {}, ...options });

export const address = (server: { url: string }): string => `${server.url.replace('http', 'ws')}/socket`;

export const connect = (server: { url: string }, options: LiveSocketOptions = {}): LiveSocket =>
  new LiveSocket(address(server), { WebSocket: implementation, reconnect: { min: 0.05, max: 0.2 }, ...options });

/** Resolves once the state fits. */
export function until(socket: LiveSocket, fits: (state: LiveSocketState) => boolean): Promise<LiveSocketState> {
  return new Promise((resolve) => {
    const look = (state: LiveSocketState) => {
      if (!fits(state)) return;
      unsubscribe();
      resolve(state);
    };
    const unsubscribe = socket.store.subscribe(look);
    look(socket.store.get());
  });
}

export const open = (socket: LiveSocket): Promise<LiveSocketState> => until(socket, ({ state }) => state === 'open');

/** A plain socket that speaks the protocol by hand. */
export async function plain(server: EmbeddedServer): Promise<NodeWebSocket> {
  const socket = new NodeWebSocket(address(server), 'onair.channel.v1');
  await once(socket, 'open');
  return socket;
}

/** A server that says what the test says, to frames of text. */
export async function scripted(
  hear: (frame: { type: string; session?: string | null }, link: NodeWebSocket) => void,
): Promise<{ url: string; close(): Promise<void> }> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  server.on('connection', (link) =>
    link.on('message', (data: Buffer) => hear(JSON.parse(data.toString()) as { type: string }, link)),
  );
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      for (const link of server.clients) link.terminate();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** A WebSocket that keeps what its listeners throw, as a page's console does. */
export function catching() {
  const caught: unknown[] = [];
  class Catching extends NodeWebSocket {
    override addEventListener(type: string, listener: unknown): void {
      const heard = (event: unknown) => {
        try {
          (listener as (event: unknown) => void)(event);
        } catch (error) {
          caught.push(error);
        }
      };
      super.addEventListener(type as 'message', heard);
    }
  }
  return { Catching: Catching as unknown as typeof WebSocket, caught };
}
