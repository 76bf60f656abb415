/**
 * `npm start`: installs and builds what is missing, and serves the demo. `PORT` chooses the port. By itself it is always the
 * same one, since recordings, permissions and chosen devices belong to an address.
 */
import { startServer } from '../demo/server/start-server.mjs';
import { build, install } from './prepare.mjs';

/** The port, unless that is taken. */
const USUAL = 8080;
/** How many after it are tried where it is. */
const OTHERS = 20;
/** Seconds within which all has to be ended, once that is asked for. */
const PATIENCE = 5;
/** Milliseconds between two looks whether npm's shell is still there. */
const LOOK = 500;

const parent = process.ppid;
install();
build();
const options = { killSwitch: true, inUse: 'replace' };
const { PORT } = process.env;
const server = await (PORT ? startServer({ ...options, port: Number(PORT) }) : startNear(USUAL));
if (!PORT && !server.url.endsWith(`:${USUAL}`))
  console.log(
    `\n  Port ${USUAL} is taken, so the next free one is used. What was recorded at ${USUAL} is not listed there.`,
  );
console.log(`\n  onair-elements: ${server.url}/\n\n  Ctrl+C ends it.`);

/** At this port, else at the next one that is free. */
async function startNear(port) {
  for (const last = port + OTHERS; ; port++) {
    try {
      return await startServer({ ...options, port });
    } catch (error) {
      // Windows refuses what it has set aside.
      if (!['EADDRINUSE', 'EACCES'].includes(error.code) || port === last) throw error;
    }
  }
}

let ending = false;
/** Ends sessions, and itself: it was asked for, and so is no failure. */
async function end() {
  // A terminal sends it to all, and npm passes it on: it comes twice.
  if (ending) return;
  ending = true;
  setTimeout(() => process.exit(1), PATIENCE * 1000).unref();
  await server.close();
  process.exit(0);
}
process.on('SIGINT', end);
process.on('SIGTERM', end);
// npm hands a signal to the shell that it has put in between, which ends by it and passes nothing on.
if (process.env.npm_lifecycle_event) setInterval(() => process.ppid === parent || end(), LOOK).unref();
