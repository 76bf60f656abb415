/** Every rule of the WHIP suite, tried on the clients that there are. */
import { strictCsp } from '../../demo/server/server.mjs';
import { rules } from '../../test/conformance/whip/rules.ts';
import { Tries } from '../../test/conformance/whip/suite.ts';
import { LiveStage } from '../../test/support/live-stage.ts';
import { contenders, headers, routes } from '../support/publishers.mjs';
import { table, verdicts } from '../support/report.mjs';
import { startServer } from '../support/server.mjs';

export async function run({ quick, say }) {
  const tried = quick ? rules.slice(0, 6) : rules;
  const browsers = quick ? ['chromium'] : ['chromium', 'firefox'];
  const server = await startServer({ routes: await routes(), csp: `${strictCsp}; connect-src *` });
  /** By browser, then by contender: the rules that are held, by their place. */
  const held = new Map();
  async function tryAll({ label, client }, browser, outcomes) {
    const stage = await LiveStage.open(browser, { headers });
    try {
      const page = new URL(`live.html?client=${encodeURIComponent(client)}`, server.page).href;
      const tries = new Tries(stage, page);
      for (const rule of tried) {
        const failure = await tries.try(rule).then(
          () => null,
          (thrown) => thrown.message.split('\n')[0],
        );
        outcomes.push(failure === null);
        say(`${browser}, ${rule.name}: ${label} ${failure === null ? 'holds it' : `does not: ${failure}`}`);
      }
    } finally {
      await stage.close();
    }
  }
  try {
    for (const browser of browsers) {
      const outcomes = new Map(contenders.map(({ label }) => [label, []]));
      held.set(browser, outcomes);
      // Most of a rule is waiting: each contender has a browser and a server of its own, beside the others.
      await Promise.all(contenders.map((contender) => tryAll(contender, browser, outcomes.get(contender.label))));
    }
  } finally {
    await server.close();
  }
  return report(tried, held);
}

function report(tried, held) {
  const browsers = [...held.keys()];
  const rows = tried.map(({ section, name }, index) => [
    name,
    section || '–',
    ...contenders.map(({ label }) => {
      const told = browsers.map((browser) => (held.get(browser).get(label)[index] ? 'yes' : 'no'));
      return new Set(told).size === 1 ? told[0] : told.join(', ');
    }),
  ]);
  const count = (browser, label) => held.get(browser).get(label).filter(Boolean).length;
  const [ours] = contenders;
  return [
    verdicts(
      browsers.map((browser) => ({
        claim: `${ours.label}, ${browser}: rules that are not held`,
        most: 0,
        measured: tried.length - count(browser, ours.label),
        digits: 0,
      })),
    ),
    `Held in ${browsers.join(' and ')}${browsers.length > 1 ? '; where they differ, in this order' : ''}. Each rule is tried once, in a page of its own or after others on the same broadcast.`,
    table(
      ['rule', 'section', ...contenders.map(({ label }) => label)],
      [
        ...rows,
        [
          `held, of ${tried.length}`,
          '',
          ...contenders.map(({ label }) => browsers.map((browser) => count(browser, label)).join(', ')),
        ],
      ],
    ),
  ].join('\n\n');
}
