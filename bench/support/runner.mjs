/** Runs modules that measure, one after the other, and puts their tables into docs/benchmarks.md. */
import os from 'node:os';
import path from 'node:path';
import { machine } from '../../tools/browsers.mjs';
import { root } from './folders.mjs';
import { writeSection } from './report.mjs';

const document = path.join(root, 'docs/benchmarks.md');

/**
 * @typedef {object} Measure
 * @property {string} name that of its markers in the document
 * @property {string} command what runs it
 * @property {number} minutes that it takes about; how many it took stands at the head of what it writes
 * @property {() => Promise<{ run(options: { quick: boolean, say(line: string): void }): string | Promise<string> }>} load
 *
 * @param {readonly Measure[]} measures
 * @param {{ versions: string, quick: boolean, write: boolean }} options `versions` of what is measured and with what; `quick`
 *   is a short run to see that it works
 */
export async function runEach(measures, { versions, quick, write }) {
  let failed = 0;
  for (const { name, command, minutes, load } of measures) {
    console.log(`\n## ${name} (${quick ? 'quick: the figures mean nothing' : `about ${minutes} min`})\n`);
    const began = performance.now();
    const busy = os.loadavg()[0].toFixed(1);
    try {
      const { run } = await load();
      const text = await run({ quick, say: (line) => console.log(`   ${line}`) });
      const took = Math.ceil((performance.now() - began) / 60_000);
      const when = new Date().toISOString().slice(0, 10);
      const head = `${when}, \`${command}\`, ${took} min, load at its start ${busy}. ${machine()}. ${versions}.`;
      console.log(`\n${head}\n\n${text}\n`);
      if (write) writeSection(document, name, `${head}\n\n${text}`);
    } catch (error) {
      failed++;
      console.error(`${name} failed: ${error.stack}`);
    }
  }
  if (write && failed < measures.length) console.log(`Written to ${path.relative(process.cwd(), document)}.`);
  process.exitCode = failed > 0 ? 1 : 0;
}
