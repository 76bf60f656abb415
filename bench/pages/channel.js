/** Conversations over one socket: sound goes out in blocks of 20 ms, and each block is answered. */
import { LiveSocket, RequestChannel } from '/dist/cdn/channel.js';

const BLOCK = 0.02; // s
/** 16 kHz, 16 bits: what recognisers of speech take. */
const BYTES = 16_000 * 2 * BLOCK;

/**
 * Latencies from a block to its answer, in milliseconds, and how many blocks went out.
 * @param {string} address of the socket
 * @param {{ conversations: number, length: number }} options `length` in seconds
 */
async function converse(address, { conversations, length }) {
  const socket = new LiveSocket(address);
  const channel = new RequestChannel(socket);
  // What is compiled and connected is not measured.
  await channel.request('echo', null, { bytes: new Uint8Array(BYTES) });
  channel.metrics.reset();
  const blocks = Math.round(length / BLOCK);
  const answers = [];
  const began = performance.now();
  await new Promise((resolve) => {
    let sent = 0;
    const timer = setInterval(() => {
      // By the clock: a timer that comes late has more to send, as a microphone has.
      const due = Math.min(blocks, Math.floor((performance.now() - began) / 1000 / BLOCK) + 1);
      for (; sent < due; sent++)
        for (let conversation = 0; conversation < conversations; conversation++) {
          const bytes = new Uint8Array(BYTES).fill(sent);
          answers.push(channel.request('echo', { conversation, block: sent }, { bytes }));
        }
      if (sent < blocks) return;
      clearInterval(timer);
      resolve();
    }, BLOCK * 1000);
  });
  const wrong = (await Promise.all(answers)).filter(
    ({ data, bytes }) => bytes.length !== BYTES || bytes[0] !== (data.block & 0xff),
  ).length;
  const { count, p50, p95, p99, max } = channel.metrics.snapshot().histograms['request:echo'];
  socket.close();
  return { count, wrong, p50: p50 * 1000, p95: p95 * 1000, p99: p99 * 1000, max: max * 1000 };
}

globalThis.channel = { converse };
