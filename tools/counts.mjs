/** What a step of `npm test` came to. Steps that run tests write it to the file that `ONAIR_COUNT` names. */
import { readFileSync, writeFileSync } from 'node:fs';

/**
 * @typedef {object} Counts
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {string[]} skips names of what was skipped
 * @property {string[]} failures names of what failed, with the first line of why
 */

/** @returns {Counts} */
export const none = () => ({ passed: 0, failed: 0, skipped: 0, skips: [], failures: [] });

/** @param {Counts} total @param {Counts} more */
export function add(total, more) {
  total.passed += more.passed;
  total.failed += more.failed;
  total.skipped += more.skipped;
  total.skips.push(...more.skips);
  total.failures.push(...more.failures);
}

/** The line that `npm test` and CI end with; what was skipped is told before it. @param {Counts} counts */
export const lastLine = ({ passed, failed }) => `${passed} passed, ${failed} failed`;

/** The same of a part, with what was skipped in it. @param {Counts} counts */
export const sentence = (counts) => `${lastLine(counts)}${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}`;

/** @param {string} file @param {Counts} counts */
export const write = (file, counts) => writeFileSync(file, JSON.stringify(counts));

/** @param {string} file @returns {Counts | null} null when the step died before it could count */
export function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

/** A failure in one line, for the list at the end: where output is cut, it is cut above. @param {string} name @param {string} why */
export const inShort = (name, why) => `${name}: ${why.trim().split('\n', 1)[0].slice(0, 200)}`;

/** Every line of `text`, moved to the right. @param {string} text */
export const indent = (text) => text.replace(/^(?=.)/gm, '    ');
