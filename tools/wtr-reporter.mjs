/** A reporter for @web/test-runner: one line per test file and browser, failures in full, and true counts of tests. */
import path from 'node:path';
import { add, inShort, indent, none, sentence, write } from './counts.mjs';

/** @param {readonly string[]} missing browsers that are not installed: each test is skipped in them, and counted so */
export function wtrReporter(missing = []) {
  const total = none();
  return {
    reportTestFileResults({ sessionsForTestFile, testFile }) {
      const file = path.relative('', testFile);
      for (const browser of missing) {
        const most = Math.max(...sessionsForTestFile.map(({ testResults }) => [...testsOf(testResults)].length));
        const skips = [`${file} (${browser}): all of its ${most} tests (${browser} is not installed)`];
        add(total, { ...none(), skipped: most, skips });
      }
      for (const session of sessionsForTestFile) {
        const where = `${file} (${session.browser.name})`;
        const tests = [...testsOf(session.testResults)];
        const failures = tests.filter(({ test }) => !test.passed && !test.skipped);
        const skips = tests.filter(({ test }) => test.skipped);
        // An import that fails, a page that hangs and an uncaught rejection are failures that belong to no test.
        const stray = session.errors.length > 0 || (!session.passed && failures.length === 0);
        const counts = {
          passed: tests.length - failures.length - skips.length,
          failed: failures.length + (stray ? 1 : 0),
          skipped: skips.length,
          skips: skips.map(({ name }) => `${where}: ${name}`),
          failures: [
            ...failures.map(({ name, test }) => inShort(`${where}: ${name}`, explain(test.error))),
            ...(stray ? [inShort(where, session.errors[0] ? explain(session.errors[0]) : 'It did not pass.')] : []),
          ],
        };
        add(total, counts);

        const took = tests.reduce((sum, { test }) => sum + (test.duration ?? 0), 0) / 1000;
        console.log(`${counts.failed > 0 ? 'not ok' : 'ok'} ${where}: ${sentence(counts)} (${took.toFixed(1)} s)`);
        for (const { name, test } of failures) console.log(indent(`${name}\n${explain(test.error)}`));
        for (const error of session.errors) console.log(indent(explain(error)));
        if (counts.failed === 0) continue;
        for (const log of session.logs) console.log(indent(log.map(String).join(' ')));
        for (const url of session.request404s) console.log(indent(`404 ${url}`));
      }
    },
    stop() {
      if (process.env.ONAIR_COUNT) write(process.env.ONAIR_COUNT, total);
    },
  };
}

function* testsOf(suite, parents = []) {
  if (!suite) return;
  const names = suite.name ? [...parents, suite.name] : parents;
  for (const test of suite.tests) yield { test, name: [...names, test.name].join(' > ') };
  for (const child of suite.suites) yield* testsOf(child, names);
}

function explain(error) {
  if (!error) return 'No reason was given.';
  const { message, expected, actual, stack = '' } = error;
  const compared = expected === undefined && actual === undefined ? '' : `expected: ${expected}\nactual:   ${actual}\n`;
  return `${message}\n${compared}${stack}`.trim();
}
