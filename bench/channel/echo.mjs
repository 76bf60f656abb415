/** How long sound takes to the server and its answer back, for one conversation and for a hundred at a time. */
import { strictCsp } from '../../demo/server/server.mjs';
import { startServer as startEmbedded } from '../../demo/server/start-server.mjs';
import { launch } from '../support/browser.mjs';
import { table, verdicts } from '../support/report.mjs';
import { startServer } from '../support/server.mjs';
import { median, spread } from '../support/statistics.mjs';

const crowds = [1, 10, 100];

export async function run({ quick, say }) {
  const { rounds, length } = quick ? { rounds: 1, length: 2 } : { rounds: 5, length: 10 };
  const server = await startServer({ csp: `${strictCsp}; connect-src *` });
  const embedded = await startEmbedded();
  const address = `${embedded.url.replace('http', 'ws')}/socket`;
  const rows = [];
  const targets = [];
  try {
    for (const name of ['chromium', 'firefox']) {
      const browser = await launch(name);
      try {
        const tab = await browser.open(new URL('channel.html', server.page).href);
        for (const conversations of crowds) {
          const runs = [];
          for (let round = 0; round < rounds; round++) {
            const options = { conversations, length };
            const one = await tab.evaluate((to, how) => globalThis.channel.converse(to, how), address, options);
            if (one.wrong > 0) throw new Error(`${one.wrong} of ${one.count} answers were wrong.`);
            runs.push(one);
          }
          const of = (key) =>
            spread(
              runs.map((one) => one[key]),
              1,
            );
          rows.push([`${name}, ${conversations}`, runs[0].count, of('p50'), of('p95'), of('p99'), of('max')]);
          say(`${name}, ${conversations} at a time: p50 ${of('p50')}, p99 ${of('p99')} ms`);
          targets.push({
            claim: `${name}, ${conversations} at a time: p99`,
            most: 100,
            measured: median(runs.map((one) => one.p99)),
            digits: 1,
            unit: 'ms',
          });
        }
      } finally {
        await browser.close();
      }
    }
  } finally {
    await embedded.close();
    await server.close();
  }
  const text = `Blocks of 20 ms (16 kHz, 16 bits, 640 bytes) fifty times a second from each conversation, all over one socket, each answered by
the echo responder of the embedded server on the same machine; ${rounds} runs of ${length} s. From handing a block over to having its
answer, ms: median of the runs (least to most).`;
  const columns = ['conversations', 'answers a run', 'p50', 'p95', 'p99', 'longest'];
  return `${text}\n\n${table(columns, rows)}\n\n${verdicts(targets)}`;
}
