/** Tables of Markdown, for the terminal and for docs/benchmarks.md alike. */
import { readFileSync, writeFileSync } from 'node:fs';

/** @param {readonly string[]} columns @param {readonly (readonly (string | number)[])[]} rows the first column is left-aligned */
export function table(columns, rows) {
  const all = [columns, ...rows].map((row) => row.map(String));
  const widths = columns.map((_, column) => Math.max(3, ...all.map((row) => row[column].length)));
  const line = (row) =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join(' | ')} |`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  const [head, ...body] = all.map(line);
  return [head, rule, ...body].join('\n');
}

/**
 * What was promised beside what was measured.
 * @param {readonly { claim: string, most: number, measured: number, digits?: number, unit?: string }[]} targets
 */
export function verdicts(targets) {
  const figure = (value, { digits = 2, unit = '' }) =>
    Number.isFinite(value) ? `${value.toFixed(digits)}${unit && ` ${unit}`}` : 'not measured';
  return table(
    ['target', 'at most', 'measured', 'met'],
    targets.map((target) => [
      target.claim,
      figure(target.most, target),
      figure(target.measured, target),
      target.measured <= target.most ? 'yes' : 'no',
    ]),
  );
}

/** Puts text between the markers of a bench; what people have written around them stays. */
export function writeSection(file, name, text) {
  const [open, close] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
  const document = readFileSync(file, 'utf8');
  const [from, to] = [document.indexOf(open), document.indexOf(close)];
  const section = `${open}\n\n${text.trim()}\n\n${close}`;
  if (from === -1 || to < from) throw new Error(`${file} has no markers for ${name}.`);
  writeFileSync(file, document.slice(0, from) + section + document.slice(to + close.length));
}
