/** `npm start`: installs and builds what is missing, and serves the demo. `PORT` chooses the port. */
import { startServer } from '../demo/server/start-server.mjs';
import { build, install } from './prepare.mjs';

/** Seconds within which all has to be ended, once that is asked for. */
const PATIENCE = 5;
/** Milliseconds between two looks whether npm's shell is still there. */
const LOOK = 500;

const parent = process.ppid;
install();
build();
const server = await startServer({ port: Number(process.env.PORT ?? 0), killSwitch: true, inUse: 'replace' });
console.log(`\n  onair-elements: ${server.url}/\n\n  Ctrl+C ends it.`);

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
