import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { serve } from '../../../demo/server/server.mjs';

/** A connection that is set up at once and carries nothing. */
class Connection extends EventTarget {
  iceGatheringState = 'complete';
  localDescription = { sdp: 'v=0\r\n' };
  addTransceiver(): void {}
  async setLocalDescription(): Promise<void> {
    setImmediate(() => this.dispatchEvent(new Event('icegatheringstatechange')));
  }
  async setRemoteDescription(): Promise<void> {}
  async getStats(): Promise<Map<string, object>> {
    return new Map();
  }
  close(): void {}
}

const globals = globalThis as Record<string, unknown>;
const faked = { RTCPeerConnection: Connection, MediaStream: class {}, addEventListener: () => {} };
const real = Object.keys(faked).map((name) => [name, globals[name]] as const);

let server: Awaited<ReturnType<typeof serve>>;
let asked: string[];
/** Resolves once this was asked for. */
let heard: (what: string) => Promise<void>;
let answer: () => void;

beforeEach(async () => {
  Object.assign(globals, faked);
  asked = [];
  let look = () => {};
  heard = async (what) => {
    while (!asked.includes(what)) await new Promise<void>((resolve) => (look = resolve));
  };
  const answering = new Promise<void>((resolve) => (answer = resolve));
  server = await serve({
    mounts: {},
    routes: {
      '/whep/': async ({ method, url }, response) => {
        asked.push(`${method} ${url}`);
        look();
        if (method === 'POST') await answering;
        response.writeHead(method === 'POST' ? 201 : 200, { Location: '/whep/demo/session' }).end('v=0\r\n');
      },
    },
  });
});

afterEach(async () => {
  await server.close();
  for (const [name, value] of real)
    if (value === undefined) delete globals[name];
    else globals[name] = value;
});

describe('the player of the demo', () => {
  it('leaves the session that it is given after it was stopped', async () => {
    const { Viewer } = await import('../../../demo/viewer.js');
    const viewer = new Viewer(`${server.url}/whep/demo`, () => {});
    viewer.start();
    await heard('POST /whep/demo');
    viewer.stop();
    answer();
    await heard('DELETE /whep/demo/session');
    assert.deepEqual(asked, ['POST /whep/demo', 'DELETE /whep/demo/session']);
  });

  it('leaves its session when it is stopped', async () => {
    const { Viewer } = await import('../../../demo/viewer.js');
    let plays = () => {};
    const playing = new Promise<void>((resolve) => (plays = resolve));
    Connection.prototype.setRemoteDescription = async () => plays();
    const viewer = new Viewer(`${server.url}/whep/demo`, () => {});
    answer();
    viewer.start();
    await playing;
    viewer.stop();
    await heard('DELETE /whep/demo/session');
  });
});
