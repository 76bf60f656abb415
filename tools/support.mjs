/**
 * Writes the table of browsers into README.md, from short takes that it really records in the Chromium and the Firefox of
 * this machine. A browser that is not installed keeps no column: nothing is said of what was not seen.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { machine } from './browsers.mjs';
import { build, install, root } from './prepare.mjs';

install();
build();
const { probe } = await import('./support/probe.mjs');

const file = path.join(root, 'README.md');
const START = '<!-- support:start -->';
const END = '<!-- support:end -->';

/** What a MIME type says, in words. */
const NAMES = {
  vp8: 'VP8',
  vp09: 'VP9',
  vp9: 'VP9',
  av01: 'AV1',
  avc1: 'H.264',
  avc3: 'H.264',
  opus: 'Opus',
  mp4a: 'AAC',
};
function words(mimeType) {
  const [, container] = /\/(\w+)/.exec(mimeType);
  const [, codecs = ''] = /codecs="?([^"]*)/.exec(mimeType) ?? [];
  const named = codecs.split(',').map((codec) => NAMES[codec.trim().split('.')[0]] ?? codec.trim());
  return `${{ webm: 'WebM', mp4: 'MP4' }[container]} (${named.filter(Boolean).join(', ')})`;
}

const ENGINES = { webcodecs: 'WebCodecs', mediarecorder: 'MediaRecorder' };
const made = (found) => (found.code ? `no: \`${found.code}\`` : words(found.mimeType));
const by = (found) => (found.code ? `no: \`${found.code}\`` : `${words(found.mimeType)} by ${ENGINES[found.engine]}`);
const s = (seconds) => `${seconds.toFixed(1)} s`;
/** What the package says of itself and this command does not measure. */
const promised = (what) => `promised: ${what}`;

const STORED = {
  persistent: 'kept until removed',
  'best-effort': 'may be evicted when the disk is full',
  memory: 'in memory: gone with the window, and said so',
};

/** A row: its name, what was seen, what Safari's documentation leads to expect. */
const rows = [
  ['Camera and microphone', ({ auto }) => by(auto), 'expected: by WebCodecs'],
  ['MP4', ({ mp4 }) => made(mp4), 'expected: H.264, AAC'],
  ['MP4 where the policy lets the AAC encoder in', ({ mp4WithAac }) => made(mp4WithAac), 'not needed'],
  [
    'Screen',
    ({ screen }) => (screen.code === 'none' ? 'not tried: it sees no screen here' : made(screen)),
    'expected: yes',
  ],
  ['Engine WebCodecs', ({ webcodecs }) => made(webcodecs), 'expected: yes'],
  ['Engine MediaRecorder', ({ mediarecorder }) => made(mediarecorder), 'expected: MP4'],
  ['A crash costs at most', ({ auto }) => promised(s(auto.guarantee.lossOnCrash)), 'expected: 1.0 s'],
  ['Browser killed in a take', killedRow, '–'],
  ['Pictures while the page is blocked', blockedRow, 'expected: kept'],
  ['Pictures while the page is hidden', hiddenRow, 'expected: kept'],
  ['Memory during a take', ({ auto }) => promised(auto.guarantee.memory), 'expected: flat'],
  ['Recordings lie in', ({ plays, auto }) => `${plays.storage}; ${STORED[auto.guarantee.storage]}`, 'expected: OPFS'],
  ['In a private window', (found) => privateRow(found.private), '–'],
  ['Buttons without script (invoker commands)', ({ commands }) => (commands ? 'yes' : 'no'), 'expected: from 26.2'],
];

function killedRow({ kill: { lost, back } }) {
  const plays = back.plays ? 'plays and seeks' : 'does not play';
  return `${s(back.duration)} came back, ${s(lost)} were lost; ${plays}`;
}

function blockedRow({ auto, widestGap }) {
  if (widestGap === null) return promised(auto.guarantee.blockedPage);
  return `widest gap in 3 s at 20 fps: ${widestGap.toFixed(2)} s`;
}

function hiddenRow({ auto, hidden }) {
  return hidden === null ? promised(auto.guarantee.hiddenPage) : `${(hidden * 100).toFixed(0)} % of 20 fps kept in 3 s`;
}

const privateRow = (found) => (found.code ? `no: \`${found.code}\`` : STORED[found.guarantee.storage]);

const title = ({ version }) => version.replace(/^.*\//, (name) => (/firefox/i.test(name) ? 'Firefox ' : 'Chromium '));

const found = [];
for (const name of ['chromium', 'firefox']) {
  console.log(`Looking at ${name}.`);
  const seen = await probe(name);
  if (seen) found.push(seen);
  else console.log(`${name} is not on this machine.`);
}

const line = (cells) => `| ${cells.join(' | ')} |`;
const table = [
  line(['', ...found.map(title), 'Safari 26, not tested here']),
  line(['---', ...found.map(() => '---'), '---']),
  ...rows.map(([name, cell, safari]) => line([name, ...found.map(cell), safari])),
].join('\n');
const note = `Recorded on ${new Date().toISOString().slice(0, 10)} with fake devices, headless, by \`node tools/support.mjs\` (${machine()}).
Which codec is taken depends on how fast the machine is. "Promised" is what the package says of itself (\`guarantee\`) and
this command does not measure: tests and benches hold it to that, but memory in Firefox, which was looked at over one short
take only (docs/benchmarks.md). What stands under Safari follows from its documentation.`;

const readme = readFileSync(file, 'utf8');
const [before, after] = [readme.indexOf(START), readme.indexOf(END)];
if (before < 0 || after < before) throw new Error(`README.md has no ${START} and ${END}.`);
const text = `${readme.slice(0, before)}${START}\n\n${table}\n\n${note}\n\n${readme.slice(after)}`;
const { format, resolveConfig } = await import('prettier');
writeFileSync(file, await format(text, { ...(await resolveConfig(file)), filepath: file, proseWrap: 'always' }));
console.log(table);
