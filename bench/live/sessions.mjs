/** How many publishers of 0.5 Mbps the embedded server takes, and what they cost it. */
import { startChild } from '../support/child.mjs';
import { cpuSeconds, privateBytes } from '../support/processes.mjs';
import { table, verdicts } from '../support/report.mjs';
import { median, spread } from '../support/statistics.mjs';
import { seconds } from '../support/take.mjs';

/** Two packets of 1042 bytes of payload thirty times a second. */
const PACKETS = 60;
const MBPS = (PACKETS * 1042 * 8) / 1e6;
/** Holds: no more of the packets are lost, and the publishers keep pace. */
const [LOST, PACE] = [0.001, 0.98];
/** Sessions that were promised. */
const PROMISED = 100;
/** Seconds for what is on its way, at most. */
const ON_ITS_WAY = 1;

export async function run({ quick, say }) {
  const { crowds, rounds, warm, length } = quick
    ? { crowds: [2, 10], rounds: 1, warm: 1, length: 3 }
    : { crowds: [1, 25, 50, 100, 150, 200], rounds: 3, warm: 5, length: 20 };
  const runs = [];
  for (let round = 0; round < rounds; round++)
    for (const crowd of crowds) {
      const one = { crowd, ...(await measure(crowd, warm, length)) };
      runs.push(one);
      say(
        `${crowd}: ${(one.lost * 100).toFixed(3)} % lost, at ${(one.pace * 100).toFixed(1)} % of the rate, ` +
          `server ${one.cpu.toFixed(2)} of a core, ${one.memory.toFixed(0)} MB, publishers ${one.clients.toFixed(2)} of a core`,
      );
    }
  return report(crowds, runs, length);
}

async function measure(crowd, warm, length) {
  const server = await startChild(new URL('crowd-server.mjs', import.meta.url));
  const clients = await startChild(new URL('crowd-clients.mjs', import.meta.url));
  try {
    const url = await server.call('url');
    const began = performance.now();
    await clients.call('open', url, crowd);
    const opening = (performance.now() - began) / 1000;
    await seconds(warm);
    const counts = async () => {
      await clients.call('pause');
      await seconds(ON_ITS_WAY);
      return { sent: await clients.call('sent'), ...(await server.call('facts')) };
    };
    const before = await counts();
    if (before.sessions !== crowd) throw new Error(`${before.sessions} of ${crowd} sessions are there.`);
    await clients.call('play');
    const cpu = [server, clients].map(({ pid }) => cpuSeconds(pid));
    const from = performance.now();
    await seconds(length);
    const took = (performance.now() - from) / 1000;
    const used = [server, clients].map(({ pid }, index) => (cpuSeconds(pid) - cpu[index]) / took);
    const memory = privateBytes(server.pid) / 1e6;
    const after = await counts();
    const sent = after.sent - before.sent;
    return {
      opening,
      lost: 1 - (after.packets - before.packets) / sent,
      pace: sent / (crowd * PACKETS * took),
      cpu: used[0],
      clients: used[1],
      memory,
    };
  } finally {
    await clients.close();
    await server.close();
  }
}

function report(crowds, runs, length) {
  const of = (crowd, key) => runs.filter((one) => one.crowd === crowd).map((one) => one[key]);
  const holds = (crowd) => Math.max(...of(crowd, 'lost')) <= LOST && Math.min(...of(crowd, 'pace')) >= PACE;
  const broken = crowds.findIndex((crowd) => !holds(crowd));
  const held = broken < 0 ? crowds : crowds.slice(0, broken);
  const percent = (values, digits) =>
    spread(
      values.map((value) => value * 100),
      digits,
    );
  const rows = crowds.map((crowd) => [
    crowd,
    of(crowd, 'lost').length,
    percent(of(crowd, 'lost'), 3),
    percent(of(crowd, 'pace'), 1),
    spread(of(crowd, 'cpu')),
    spread(of(crowd, 'memory'), 0),
    spread(of(crowd, 'clients')),
    spread(of(crowd, 'opening'), 1),
  ]);
  const columns = [
    'sessions',
    'runs',
    'packets lost, %',
    'sent, % of the rate',
    'server, cores',
    'server, MB',
    'publishers, cores',
    'to open them, s',
  ];
  const [fewest] = crowds;
  const [most] = crowds.slice(-1);
  const each = (median(of(most, 'memory')) - median(of(fewest, 'memory'))) / (most - fewest);
  const lost = of(PROMISED, 'lost');
  const measured = lost.length > 0 ? Math.max(...lost) * 100 : NaN;
  const claim = `${PROMISED} sessions: packets lost, in the worst run`;
  return [
    verdicts([{ claim, most: LOST * 100, measured, digits: 3, unit: '%' }]),
    `Each session is ${MBPS.toFixed(2)} Mbps: pictures of two packets, thirty times a second (VP8, without a picture in them: the server forwards, and decodes nothing). ` +
      `The publishers are libdatachannel (node-datachannel) in one process, the server is another; both share two cores. Each run is of ${length} s, in fresh processes: median (least to most).`,
    table(columns, rows),
    `Held, with at most ${LOST * 100} % of the packets lost and at least ${PACE * 100} % of the rate sent in each run: ${held.length > 0 ? `up to ${held.at(-1)} sessions` : 'none of these'}. Memory is private (\`Private_Dirty\`), ${(each * 1000).toFixed(0)} kB for each session.`,
  ].join('\n\n');
}
