/** The pages of the benches, what they measure, and a way for files out of a page. */
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { serve } from '../../demo/server/server.mjs';
import { bench, cache, root } from './folders.mjs';

/** Another build to measure, such as an older one: a folder. */
const dist = process.env.ONAIR_DIST ?? path.join(root, 'dist');
const WORKER = 'cdn/workers/record.worker.js';

/**
 * The package chooses its codec by a trial, which goes by how busy the machine is; its peers are told theirs. For a
 * comparison both have to encode the same: this browser has no other.
 */
const pinned = (codec) => `{
  const supported = VideoEncoder.isConfigSupported.bind(VideoEncoder);
  VideoEncoder.isConfigSupported = async (config) =>
    /^(${codec.replace('vp9', 'vp09')}|avc1)/.test(config.codec) ? supported(config) : { supported: false, config };
}
`;

/** Tells the page four times a second how many pictures wait for the encoder that was used last. */
const WATCHED = `{
  const channel = new BroadcastChannel('bench');
  const { encode } = VideoEncoder.prototype;
  let used = null;
  VideoEncoder.prototype.encode = function (...given) {
    used = this;
    return encode.apply(this, given);
  };
  setInterval(() => used && channel.postMessage({ at: Date.now(), waiting: used.encodeQueueSize }), 250);
}
`;

/** MIME types that MediaRecorder is given: the same codecs, and of H.264 the same profile. */
export const mimeType = (format, codec = 'vp8') =>
  format === 'webm' ? `video/webm;codecs="${codec},opus"` : 'video/mp4;codecs="avc1.64001F,opus"';

/**
 * @param {object} [options]
 * @param {'vp8' | 'vp9'} [options.codec] what everyone encodes in WebM
 * @param {boolean} [options.watched] whether the package's worker tells what waits for its encoder
 * @param {import('../../demo/server/server.mjs').ServeOptions['routes']} [options.routes] what else is answered
 * @param {string | null} [options.csp] for pages with a peer that needs more; default the strict one
 */
export async function startServer({ codec = 'vp8', watched = false, routes = {}, csp } = {}) {
  const prelude = pinned(codec) + (watched ? WATCHED : '');
  mkdirSync(cache, { recursive: true });
  const files = mkdtempSync(path.join(cache, 'files-'));
  const file = (name) => path.join(files, path.basename(name));
  const { url, close } = await serve({
    mounts: {
      '/pages/': path.join(bench, 'pages'),
      '/peers/': path.join(bench, 'node_modules'),
      '/dist/': dist,
    },
    csp,
    routes: {
      ...routes,
      [`/dist/${WORKER}`]: (_, response) => {
        response.setHeader('Content-Type', 'text/javascript; charset=utf-8');
        response.end(prelude + readFileSync(path.join(dist, WORKER), 'utf8'));
      },
      '/put': async (request, response) => {
        const name = new URL(request.url, url).searchParams.get('name');
        await pipeline(request, createWriteStream(file(name)));
        response.writeHead(204).end();
      },
    },
  });
  return {
    page: `${url}/pages/take.html`,
    /** Where a file lies that a page has handed over. */
    file,
    async close() {
      await close();
      rmSync(files, { recursive: true, force: true });
    },
  };
}
