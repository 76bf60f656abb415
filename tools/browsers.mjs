/** Where the programs are that tests, benches and the tour drive: Chromium, Firefox, ffmpeg and promtool. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const isRoot = process.getuid?.() === 0;

/** Flags for a Chromium with a fake camera and microphone that asks nothing and phones nobody. */
export const chromiumFlags = () => [
  // As root, and in containers without user namespaces, the sandbox cannot start.
  ...(isRoot ? ['--no-sandbox'] : []),
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
  // A machine without a network has no other way to a WebRTC server of its own.
  '--allow-loopback-in-peer-connection',
  '--disable-background-networking',
  '--disable-component-update',
  '--no-first-run',
  // The popups of the address bar are pages of their own, which took two seconds of a processor with each start.
  '--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup',
];

/** The same for Firefox. */
export const firefoxPrefs = {
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
  'media.autoplay.default': 0,
  'media.peerconnection.ice.loopback': true,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  // A machine without a sound card has no clock for Web Audio otherwise: contexts would stay suspended.
  'media.cubeb.force_mock_context': true,
};

/** Switches that Puppeteer adds and that a person's browser has not: with them, a hidden page is not treated as one. */
export const unlikeAPersons = [
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
];

const {
  LOCALAPPDATA = '',
  PROGRAMFILES = 'C:\\Program Files',
  'PROGRAMFILES(X86)': X86 = 'C:\\Program Files (x86)',
} = process.env;

const places = {
  chromium: {
    env: ['CHROME_PATH', 'CHROMIUM_PATH'],
    names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'microsoft-edge'],
    darwin: [
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
      '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
    ],
    win32: [LOCALAPPDATA, PROGRAMFILES, X86].flatMap((base) => [
      path.join(base, 'Google\\Chrome\\Application\\chrome.exe'),
      path.join(base, 'Chromium\\Application\\chrome.exe'),
      path.join(base, 'Microsoft\\Edge\\Application\\msedge.exe'),
    ]),
    linux: ['/opt/google/chrome/chrome', '/snap/bin/chromium'],
  },
  firefox: {
    env: ['FIREFOX_PATH'],
    names: ['firefox-esr', 'firefox'],
    darwin: ['/Applications/Firefox.app/Contents/MacOS/firefox'],
    win32: [PROGRAMFILES, X86].map((base) => path.join(base, 'Mozilla Firefox\\firefox.exe')),
    linux: ['/snap/bin/firefox', '/usr/lib/firefox-esr/firefox-esr', '/usr/lib/firefox/firefox'],
  },
  ffmpeg: tool('ffmpeg'),
  ffprobe: tool('ffprobe'),
  promtool: tool('promtool'),
};

function tool(name) {
  return {
    env: [`${name.toUpperCase()}_PATH`],
    names: [name],
    darwin: [`/opt/homebrew/bin/${name}`, `/usr/local/bin/${name}`],
    win32: [],
    linux: [],
  };
}

/** Path of an installed Chromium, Chrome or Edge; `CHROME_PATH` wins. Null when there is none. @type {() => string | null} */
export const findChromium = () => find('chromium') ?? downloaded('chrome');

/** Path of an installed Firefox that can be driven by WebDriver BiDi; `FIREFOX_PATH` wins. Null when there is none. @type {() => string | null} */
export const findFirefox = () => find('firefox') ?? downloaded('firefox');

/** Path of ffmpeg (5 or later is what the tests are written for); null when there is none. @type {() => string | null} */
export const findFfmpeg = () => find('ffmpeg');

/** Path of ffprobe, which comes with ffmpeg; null when there is none. @type {() => string | null} */
export const findFfprobe = () => find('ffprobe');

/**
 * Finds Chromium, or installs it: by apt where this is Debian and root, else by Puppeteer's installer
 * (a build of the vendor, into .cache/browsers).
 * @type {() => string | null} null when it can be neither found nor installed
 */
export const ensureChromium = () =>
  findChromium() ?? (apt('chromium'), findChromium()) ?? (download('chrome'), findChromium());

/** The same for Firefox. @type {() => string | null} */
export const ensureFirefox = () =>
  findFirefox() ?? (apt('firefox-esr'), findFirefox()) ?? (download('firefox'), findFirefox());

/** Finds ffmpeg and ffprobe, or installs them by apt where this is Debian and root. @returns {string | null} */
export function ensureFfmpeg() {
  if (!findFfmpeg() || !findFfprobe()) apt('ffmpeg');
  return findFfprobe() && findFfmpeg();
}

const prometheus = path.join(root, '.cache/prometheus');

/** Path of promtool, which reads what Prometheus reads; null when there is none. @type {() => string | null} */
export const findPromtool = () =>
  find('promtool') ?? [path.join(prometheus, 'usr/bin/promtool')].find(isProgram) ?? null;

/**
 * Finds promtool, or takes it out of Debian's package prometheus, into .cache: the package itself would begin to serve.
 * @returns {string | null}
 */
export function ensurePromtool() {
  if (findPromtool() || !existsSync('/usr/bin/apt-get')) return findPromtool();
  console.log('Fetching promtool by apt-get.');
  mkdirSync(prometheus, { recursive: true });
  const run = (command, ...args) => spawnSync(command, args, { cwd: prometheus, stdio: 'ignore' }).status === 0;
  if (!run('apt-get', 'download', 'prometheus') && isRoot && run('apt-get', 'update'))
    run('apt-get', 'download', 'prometheus');
  const file = readdirSync(prometheus).find((name) => name.endsWith('.deb'));
  if (file) run('dpkg-deb', '-x', file, '.');
  return findPromtool();
}

/** @returns {string | null} */
function find(what) {
  const { env, names, ...byPlatform } = places[what];
  for (const name of env) if (process.env[name]) return process.env[name];
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const onPath = (process.env.PATH ?? '')
    .split(path.delimiter)
    .filter(Boolean)
    .flatMap((folder) => names.map((name) => path.join(folder, name + suffix)));
  return [...onPath, ...(byPlatform[process.platform] ?? [])].find(isProgram) ?? null;
}

function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function apt(name) {
  if (!isRoot || !existsSync('/usr/bin/apt-get')) return;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const get = (...args) => spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
  console.log(`Installing ${name} by apt-get.`);
  if (!get('install', '-y', '--no-install-recommends', name)) {
    get('update');
    get('install', '-y', '--no-install-recommends', name);
  }
}

/** Where browsers are downloaded to; the folder is ours, so that nobody else's are used or replaced. */
const downloads = path.join(root, '.cache', 'browsers');
const installer = path.join(root, 'node_modules/@puppeteer/browsers/lib/cjs/main-cli.js');

function download(name) {
  if (!existsSync(installer)) return;
  console.log(`Downloading ${name}.`);
  spawnSync(process.execPath, [installer, 'install', `${name}@stable`, '--path', downloads], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

function downloaded(name) {
  const folder = path.join(downloads, name);
  if (!existsSync(folder)) return null;
  const program = { chrome: /^(chrome(\.exe)?|Google Chrome for Testing)$/, firefox: /^firefox(\.exe)?$/ }[name];
  const found = readdirSync(folder, { recursive: true, withFileTypes: true }).find(
    (entry) => entry.isFile() && program.test(entry.name) && isProgram(path.join(entry.parentPath, entry.name)),
  );
  return found ? path.join(found.parentPath, found.name) : null;
}

/** What this machine is, for the head of reports. */
export const machine = () =>
  `${os.cpus()[0]?.model.trim() ?? 'unknown processor'}, ${os.cpus().length} cores, ${Math.round(os.totalmem() / 2 ** 30)} GiB, ${os.type()} ${os.release()}, Node ${process.versions.node}`;
