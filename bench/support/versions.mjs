/** Of this package, and of the programs that it is measured with. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ensureChromium, ensureFfmpeg, ensureFirefox } from '../../tools/browsers.mjs';
import { root } from './folders.mjs';

/** @param {string} folder that of a package */
export const versionOf = (folder) => JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')).version;

/** @param {readonly string[]} [others] with their versions */
export const versions = (others = []) =>
  [
    `onair-elements ${versionOf(root)}`,
    ...others,
    says(ensureChromium(), '--version'),
    says(ensureFirefox(), '--version'),
    says(ensureFfmpeg(), '-version'),
  ].join(', ');

const says = (program, ...args) =>
  program
    ? spawnSync(program, args, { encoding: 'utf8' })
        .stdout.split('\n')[0]
        .replace(/( built on| Copyright).*/, '')
        .trim()
    : 'none';
