/** What the core takes for what it does often, in the page of a browser. */
import { BROWSERS, onStage, type RunOptions, spread, table } from './support.js';

/** Milliseconds that a sample lasts at least: clocks of browsers are coarse. */
const LEAST = 50;

export async function run({ quick, say }: RunOptions): Promise<string> {
  const rounds = quick ? 2 : 15;
  const columns: Record<string, string[]> = {};
  let bytes = 0;
  for (const browser of BROWSERS) {
    await onStage(browser, {}, async (stage) => {
      const tab = await stage.browser.tab(stage.server.page('core.html'));
      const ask = <T>(what: string) => tab.page.evaluate(`core.${what}`) as Promise<T>;
      bytes = await ask<number>('bytes()');
      for (const name of await ask<string[]>('names')) {
        const sample = (times: number) => ask<number>(`work(${JSON.stringify(name)}, ${times})`);
        let times = 1;
        // What is compiled is compiled by then.
        while ((await sample(times)) < LEAST) times *= 2;
        const costs: number[] = [];
        for (let round = 0; round < rounds; round++) costs.push(((await sample(times)) * 1000) / times);
        (columns[name] ??= []).push(spread(costs, 3));
        say(`${browser}, ${name}: ${spread(costs, 3)} µs`);
      }
    });
  }
  return [
    `Microseconds each, ${rounds} samples of at least ${LEAST} ms; median (least to most). The text of \`openMetrics()\` is of ${bytes} bytes here.`,
    table(
      ['what', ...BROWSERS.map((name) => `${name}, µs`)],
      Object.entries(columns).map(([name, costs]) => [name, ...costs]),
    ),
  ].join('\n\n');
}
