/**
 * Tries every rule on the client of any page, and prints a row for each:
 *
 *     node --import tsx test/conformance/whip/run.ts http://127.0.0.1:8080/client.html [chromium|firefox]
 */
import type { BrowserName } from '../../support/browser.js';
import { LiveStage } from '../../support/live-stage.js';
import { rules } from './rules.js';
import { Tries } from './suite.js';

const [page, browser = 'chromium'] = process.argv.slice(2);
if (!page) throw new Error('The address of a page is missing.');
const stage = await LiveStage.open(browser as BrowserName);
const tries = new Tries(stage, page);
let held = 0;
try {
  console.log('| Section | Rule | Held |\n| --- | --- | --- |');
  for (const rule of rules) {
    const failure = await tries.try(rule).then(
      () => null,
      (thrown: Error) => thrown.message.split('\n')[0]!,
    );
    if (failure === null) held++;
    console.log(`| ${rule.section} | ${rule.name} | ${failure === null ? 'yes' : `no: ${failure}`} |`);
  }
} finally {
  await stage.close();
}
console.log(`\n${held} of ${rules.length} rules are held.`);
process.exitCode = held === rules.length ? 0 : 1;
