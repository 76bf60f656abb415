import { fileURLToPath } from 'node:url';
import { chromeLauncher } from '@web/test-runner-chrome';
import { defaultReporter, summaryReporter } from '@web/test-runner';
import { esbuildPlugin } from '@web/dev-server-esbuild';
import { chromiumFlags, findChromium, findFirefox, firefoxPrefs } from './tools/browsers.mjs';
import { wtrReporter } from './tools/wtr-reporter.mjs';

const chromium = findChromium();
const firefox = findFirefox();

/** What is not installed, by name: its half of the tests is skipped, and counted so. */
const missing = [...(chromium ? [] : ['Chromium']), ...(firefox ? [] : ['Firefox'])];

/** One page at a time: a hidden or busy page neither paints nor encodes in time. */
const concurrency = 1;

export default {
  rootDir: fileURLToPath(new URL('.', import.meta.url)),
  files: ['test/browser/**/*.test.ts'],
  // What users get: Lit's development build logs a warning and is another file.
  nodeResolve: { exportConditions: ['production'] },
  middleware: [gone],
  plugins: [
    withoutNode(),
    esbuildPlugin({ ts: true, tsconfig: fileURLToPath(new URL('tsconfig.json', import.meta.url)) }),
  ],
  concurrentBrowsers: 2,
  browsers: [
    ...(chromium
      ? [
          named('Chromium', {
            launchOptions: { executablePath: chromium, args: chromiumFlags() },
            concurrency,
          }),
        ]
      : []),
    ...(firefox
      ? [
          named('Firefox', {
            launchOptions: { browser: 'firefox', executablePath: firefox, extraPrefsFirefox: firefoxPrefs },
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

/** Gives no answer for the file that a page names in a cookie: a server that went away after the page was loaded. */
function gone(context, next) {
  const file = context.cookies.get('gone');
  // What an earlier page has loaded, and the browser keeps, is none of this page's.
  context.vary('Cookie');
  if (!file || !context.path.endsWith(`/${file}`)) return next();
  context.respond = false;
  context.req.destroy();
}

/** mediabunny's file for Node is empty in browsers, by a field of its package.json that the dev server does not follow. */
function withoutNode() {
  return {
    name: 'without-node',
    serve: ({ path }) =>
      path.endsWith('/mediabunny/dist/modules/src/node.js') ? { body: 'export {};', type: 'js' } : undefined,
  };
}

/** The launcher of Chrome drives both browsers and would call both "Chrome". */
function named(name, options) {
  return Object.assign(chromeLauncher(options), { name });
}
