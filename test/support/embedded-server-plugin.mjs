/** Gives each test page of the test runner an embedded server of its own: `test/browser/embedded-server.ts` asks for it. */
import { startServer } from '../../demo/server/start-server.mjs';

/** @returns {import('@web/test-runner').TestRunnerPlugin} */
export function embeddedServer() {
  /** By the page's session. @type {Map<string, import('../../demo/server/start-server.mjs').EmbeddedServer>} */
  const servers = new Map();
  const close = async (id) => {
    const server = servers.get(id);
    servers.delete(id);
    await server?.close();
  };
  return {
    name: 'embedded-server',
    async executeCommand({ command, payload, session: { id } }) {
      if (command !== 'embedded-server') return undefined;
      const { call, args = [] } = payload;
      if (call === 'start') {
        await close(id);
        const server = await startServer(...args);
        servers.set(id, server);
        return server.url;
      }
      if (call === 'close') await close(id);
      else {
        const path = call.split('.');
        const method = path.pop();
        const target = path.reduce((object, name) => object[name], servers.get(id));
        await target[method](...args);
      }
      // Nothing at all would mean that the command is not known.
      return true;
    },
    async serverStop() {
      await Promise.all([...servers.keys()].map(close));
    },
  };
}
