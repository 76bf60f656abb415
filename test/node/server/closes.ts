/** A process with a server that has everything to do, and is closed: it says what was left, and has to end by itself. */
import { once } from 'node:events';
import { request } from 'node:http';
import { WebSocket } from 'ws';
import { startServer } from '../../../demo/server/start-server.mjs';
import { cleanUp, eventually, RtcClient } from '../../support/rtc-client.js';

const server = await startServer({ mounts: {} });
const { client } = await RtcClient.open(`${server.url}/whip/studio`);
client.play();
await eventually(() => server.sessions[0]!.video.frames > 10);
const { client: viewer } = await RtcClient.open(`${server.url}/whep/studio`, { kind: 'whep' });
await eventually(() => viewer.frames > 10);
const socket = new WebSocket(`${server.url.replace('http', 'ws')}/socket`, 'onair.channel.v1');
await once(socket, 'open');
socket.send(JSON.stringify({ type: 'hello', session: null, received: 0 }));
await once(socket, 'message');
// One that waits for its delay when the server closes.
server.faults.delay({ seconds: 600, method: 'POST' });
const late = request(`${server.url}/whip/late`, { method: 'POST', agent: false }).end();

const facts = { sessions: server.sessions.length, sockets: server.socketSessions.length };
const gone = [once(socket, 'close'), once(late, 'error')];
await server.close();
await Promise.all(gone);
client.close();
viewer.close();
cleanUp();
// What is closed is counted until the loop has gone round. Timers of werift's handshakes run out by themselves.
await new Promise(setImmediate);
const left = process.getActiveResourcesInfo().filter((name) => /TCP|UDP/.test(name));
console.log(JSON.stringify({ ...facts, left }));
