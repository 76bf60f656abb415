import { executeServerCommand } from '@web/test-runner-commands';
import type { ServerOptions } from '../../demo/server/start-server.mjs';

const call = (name: string, ...args: unknown[]): Promise<unknown> =>
  executeServerCommand('embedded-server', { call: name, args });

/** Options that can be posted. */
type PlainOptions = Pick<ServerOptions, 'bitrate' | 'inUse' | 'limits' | 'sockets'>;

/** A server of this page's own, in the process of the test runner; it is the same one until it is closed. */
export class RemoteServer {
  private constructor(readonly url: string) {}

  static async start(options: PlainOptions = {}): Promise<RemoteServer> {
    return new RemoteServer((await call('start', options)) as string);
  }

  /** Address of its socket. */
  get socket(): string {
    return `${this.url.replace('http', 'ws')}/socket`;
  }

  /** Goes silent, or goes on. */
  silence = (on = true): Promise<unknown> => call('faults.silence', on);
  /** Cuts the links of all sockets. */
  cutSockets = (): Promise<unknown> => call('cutSockets');
  /** Goes away as a machine does that loses its power. */
  stop = (): Promise<unknown> => call('stop');
  /** Comes back on the same port, and has forgotten everything. */
  restart = (): Promise<unknown> => call('restart');
  close = (): Promise<unknown> => call('close');
}
