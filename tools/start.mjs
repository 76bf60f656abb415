/** `npm start`: installs and builds what is missing, and serves the demo. `PORT` chooses the port. */
import { startServer } from '../demo/server/start-server.mjs';
import { build, install } from './prepare.mjs';

install();
build();
const { url } = await startServer({ port: Number(process.env.PORT ?? 0), killSwitch: true, inUse: 'replace' });
console.log(`\n  onair-elements: ${url}/\n\n  Ctrl+C ends it.`);
