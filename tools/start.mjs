/** `npm start`: installs and builds what is missing, and serves the demo. `PORT` chooses the port. */
import { serve } from '../demo/server/server.mjs';
import { build, install } from './prepare.mjs';

install();
build();
const { url } = await serve({ port: Number(process.env.PORT ?? 0) });
console.log(`\n  onair-elements: ${url}/\n\n  Ctrl+C ends it.`);
