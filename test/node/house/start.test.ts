import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, afterEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { cleanUp, eventually, RtcClient } from '../../support/rtc-client.js';

const script = fileURLToPath(new URL('../../../tools/start.mjs', import.meta.url));
const foreign = process.platform === 'win32' && 'processes are ended otherwise there';

let child: ChildProcess | undefined;
let client: RtcClient | undefined;

/** All that it has said. */
let said = '';

/**
 * What `npm start` runs; resolves with the address that it tells.
 * @param command by which it does
 * @param PORT empty for none
 */
function started(
  [file, ...given]: readonly [string, ...string[]] = [process.execPath, script],
  PORT = '0',
): Promise<string> {
  const running = spawn(file, given, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PORT, npm_lifecycle_event: 'start' },
  });
  child = running;
  said = '';
  return new Promise((resolve, reject) => {
    running.stdout.on('data', (data: Buffer) => {
      said += data.toString();
      const url = /http:\/\/[\d.:]+/.exec(said)?.[0];
      if (url) resolve(url);
    });
    running.once('close', () => reject(new Error(`It told no address: ${said}`)));
  });
}

afterEach(() => {
  client?.close();
  if (child?.exitCode === null) child.kill('SIGKILL');
});
after(cleanUp);

describe('npm start', () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    it(`ends its sessions by ${signal}, and then itself, without a fault`, { skip: foreign }, async () => {
      const url = await started();
      ({ client } = await RtcClient.open(`${url}/whip/studio`));
      client.play();
      await eventually(() => client!.state === 'connected');
      const link = new WebSocket(`${url.replace('http', 'ws')}/socket`, 'onair.channel.v1');
      await once(link, 'open');
      link.on('error', () => {});
      const [closed, ended] = [once(link, 'close'), once(child!, 'close')];
      // Both the terminal and npm send it.
      child!.kill(signal);
      child!.kill(signal);
      assert.deepEqual(await ended, [0, null]);
      await closed;
      await assert.rejects(fetch(url));
    });

  it('ends with the shell that npm has put in between', { skip: foreign }, async () => {
    const url = await started(['sh', '-c', `"${process.execPath}" "${script}"; exit`]);
    assert.equal((await fetch(`${url}/healthz`)).status, 200);
    const [closed, left] = [once(child!, 'close'), once(child!, 'exit')];
    child!.kill('SIGTERM');
    await left;
    // It has the pipe of the shell, which is closed with it.
    await closed;
    await assert.rejects(fetch(url));
  });

  it('has one address, so that what was recorded there is listed the next time, and says where it is another one', async () => {
    const byItself = async () => {
      const url = await started(undefined, '');
      const ended = once(child!, 'close');
      child!.kill('SIGKILL');
      await ended;
      return url;
    };
    const usual = await byItself();
    const warned = said.includes('is taken');
    assert.equal(await byItself(), usual);
    const { port } = new URL(usual);
    const other = createServer().listen(Number(port), '127.0.0.1');
    await once(other, 'listening');
    try {
      const next = new URL(await byItself());
      assert.ok(Number(next.port) > Number(port), `${next.port}, where ${port} is taken`);
      assert.match(said, /^ *Port 8080 is taken, .+\.$/m);
    } finally {
      other.close();
    }
    // Where others on this machine have it, that was said before, too.
    assert.equal(warned, port !== '8080');
  });
});
