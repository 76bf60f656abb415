/** Who is published with: this package and its peers, their code as a page loads it, and what that weighs. */
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { bench } from './folders.mjs';

/** `client` is its name in pages/publishers.js. */
export const contenders = [
  { label: 'onair', client: 'onair' },
  { label: 'whip-whep', client: 'whip-whep', file: 'whip-whep/whip.js' },
  {
    label: 'whip-web-client',
    client: '@eyevinn/whip-web-client',
    file: '@eyevinn/whip-web-client/dist/whip-client.modern.js',
  },
  { label: 'ovenlivekit', client: 'ovenlivekit', file: 'ovenlivekit/dist/OvenLiveKit.min.js' },
];

export const peers = contenders.filter(({ file }) => file !== undefined);

/** What ovenlivekit tells its own server of the picture; a server that does not allow it is none for its pages. */
export const headers = ['Oven-Capabilities'];

/** A peer with all that it stands on, as a bundler makes it. @param {string} file below node_modules */
async function bundled(file) {
  const { outputFiles } = await build({
    entryPoints: [path.join(bench, 'node_modules', file)],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    write: false,
    logLevel: 'error',
  });
  return outputFiles[0].text;
}

/** For `startServer`: the only one of them that a browser cannot load as it comes, since it stands on modules of Node's kind. */
export async function routes() {
  const code = await bundled(peers.find(({ label }) => label === 'whip-web-client').file);
  return {
    '/peer/eyevinn.js': (_, response) => response.setHeader('Content-Type', 'text/javascript; charset=utf-8').end(code),
  };
}

/** Bytes that a page downloads, gzip -9. @param {{ file: string }} peer */
export const weight = async ({ file }) => gzipSync(await bundled(file), { level: 9 }).length;
