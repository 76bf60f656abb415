/** The embedded server in a process of its own: what that uses is the server's, and nobody else's. */
import { startServer } from '../../demo/server/start-server.mjs';
import { serveCalls } from '../support/child.mjs';

const server = await startServer({ limits: { sessions: 1000, requests: 100_000 } });

serveCalls({
  url: () => server.url,
  /** What has arrived, of all together. */
  facts() {
    const sum = (key) => server.sessions.reduce((total, { video }) => total + video[key], 0);
    return { sessions: server.sessions.length, packets: sum('packets'), frames: sum('frames') };
  },
});
