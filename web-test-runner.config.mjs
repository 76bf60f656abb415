import { fileURLToPath } from 'node:url';
import { chromeLauncher } from '@web/test-runner-chrome';
import { defaultReporter, summaryReporter } from '@web/test-runner';
import { esbuildPlugin } from '@web/dev-server-esbuild';
import { embeddedServer } from './test/support/embedded-server-plugin.mjs';
import { chromiumFlags, findChromium, findFirefox, firefoxPrefs } from './tools/browsers.mjs';
import { wtrReporter } from './tools/wtr-reporter.mjs';

const chromium = findChromium();
const firefox = findFirefox();

/** What is not installed, by name: its half of the tests is skipped, and counted so. */
const missing = [...(chromium ? [] : ['Chromium']), ...(firefox ? [] : ['Firefox'])];

/** One page at a time: a hidden or busy page neither paints nor encodes in time. */
const concurrency = 1;

/** What lets a page collect its garbage: `gc()` in Chromium, `TestUtils.gc()` in Firefox. */
const collectable = {
  flags: ['--js-flags=--expose-gc'],
  prefs: { 'dom.testing.testutils.enabled': true },
};

export default {
  rootDir: fileURLToPath(new URL('.', import.meta.url)),
  files: ['test/browser/**/*.test.ts'],
  // What users get: Lit's development build logs a warning and is another file.
  nodeResolve: { exportConditions: ['production'] },
  middleware: [...(process.argv.includes('--watch') ? [] : [kept]), gone, late, abroad],
  plugins: [
    withoutNode(),
    forcedColors(),
    pictures(),
    embeddedServer(),
    esbuildPlugin({ ts: true, tsconfig: fileURLToPath(new URL('tsconfig.json', import.meta.url)) }),
  ],
  concurrentBrowsers: 2,
  browsers: [
    ...(chromium
      ? [
          named('Chromium', {
            launchOptions: { executablePath: chromium, args: [...chromiumFlags(), ...collectable.flags] },
            concurrency,
          }),
        ]
      : []),
    ...(firefox
      ? [
          named('Firefox', {
            launchOptions: {
              browser: 'firefox',
              executablePath: firefox,
              extraPrefsFirefox: { ...firefoxPrefs, ...collectable.prefs },
            },
            concurrency,
          }),
        ]
      : []),
  ],
  browserStartTimeout: 60_000,
  testsStartTimeout: 60_000,
  testsFinishTimeout: 300_000,
  testFramework: { config: { timeout: 30_000 } },
  reporters: process.env.ONAIR_COUNT ? [wtrReporter(missing)] : [defaultReporter(), summaryReporter()],
};

/** Lets a browser keep what it has loaded for the pages after that: it would ask for some hundred modules again. */
async function kept(context, next) {
  await next();
  if (/\/(dist|node_modules)\//.test(context.path) && [200, 304].includes(context.status))
    context.set('Cache-Control', 'max-age=3600');
}

/** Gives no answer for the file that a page names in a cookie: a server that went away after the page was loaded. */
function gone(context, next) {
  const file = context.cookies.get('gone');
  // What an earlier page has loaded, and the browser keeps, is none of this page's.
  context.vary('Cookie');
  if (!file || !context.path.endsWith(`/${file}`)) return next();
  context.respond = false;
  context.req.destroy();
}

/** Browsers' requests that wait for `/arrive`. */
const waiting = new Map();

/** Answers for the file that a page names in a cookie only when the page asks for `/arrive`. */
async function late(context, next) {
  const browser = context.get('user-agent');
  if (context.path === '/arrive') {
    waiting.get(browser)?.();
    context.body = '';
    return;
  }
  const file = context.cookies.get('late');
  if (file && context.path.endsWith(`/${file}`)) await new Promise((arrive) => waiting.set(browser, arrive));
  await next();
}

/** This server under its other name is another origin: `?away` leads there, and `?shared` lies there for all to read. */
async function abroad(context, next) {
  const { searchParams, hostname, href } = context.URL;
  if (searchParams.has('away')) {
    const there = new URL(href);
    there.hostname = hostname === 'localhost' ? '127.0.0.1' : 'localhost';
    there.searchParams.delete('away');
    return context.redirect(there.href);
  }
  await next();
  if (searchParams.has('shared')) context.set('Access-Control-Allow-Origin', '*');
}

/** mediabunny's file for Node is empty in browsers, by a field of its package.json that the dev server does not follow. */
function withoutNode() {
  return {
    name: 'without-node',
    serve: ({ path }) =>
      path.endsWith('/mediabunny/dist/modules/src/node.js') ? { body: 'export {};', type: 'js' } : undefined,
  };
}

/** Lets a test have forced colours, or not, by `executeServerCommand('forced-colors', 'active')`; in Chromium only. */
function forcedColors() {
  const clients = new Map();
  return {
    name: 'forced-colors',
    async executeCommand({ command, payload, session }) {
      if (command !== 'forced-colors') return undefined;
      const page = session.browser.getPage(session.id);
      // What it emulates ends with the client.
      if (!clients.has(page)) clients.set(page, await page.createCDPSession());
      const features = [{ name: 'forced-colors', value: payload }];
      await clients.get(page).send('Emulation.setEmulatedMedia', { features });
      return true;
    },
  };
}

/** Gives a test a picture of a place on its page, as a PNG in base64, by `executeServerCommand('picture', place)`. */
function pictures() {
  return {
    name: 'pictures',
    executeCommand: ({ command, payload: clip, session }) =>
      command === 'picture' ? session.browser.getPage(session.id).screenshot({ clip, encoding: 'base64' }) : undefined,
  };
}

/** The launcher of Chrome drives both browsers and would call both "Chrome". */
function named(name, options) {
  return Object.assign(chromeLauncher(options), { name });
}
