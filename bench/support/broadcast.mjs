/** One broadcast by one contender to the embedded server, and what that sees of it. */
import { openPeer } from '../../demo/server/peer.mjs';
import { strictCsp } from '../../demo/server/server.mjs';
import { startServer as startEmbedded } from '../../demo/server/start-server.mjs';
import { headers, routes } from './publishers.mjs';
import { startServer } from './server.mjs';

/** A server for pages, and the embedded one for media, at another origin. */
export async function openStudio() {
  const pages = await startServer({ routes: await routes(), csp: `${strictCsp}; connect-src *` });
  const watch = new FrameWatch();
  /** @type {import('../../demo/server/whip.mjs').WhipRequest[]} */
  const asked = [];
  const onRequest = (request) => asked.push(request);
  const media = await startEmbedded({ openPeer: watch.openPeer, headers, onRequest });
  let rooms = 0;
  return {
    media,
    asked,
    /** Nobody is there, or was: what others have left behind is none of the next one's business. */
    newRoom: () => `${media.url}/whip/room${rooms++}`,
    /** Where a file of bench/pages is. */
    pageOf: (file) => new URL(file, pages.page).href,
    /** Of a contender. */
    page: (client) => new URL(`live.html?client=${encodeURIComponent(client)}`, pages.page).href,
    nextFrame: () => watch.next(),
    /** After a trial, however it went. */
    async clear() {
      media.faults.clear();
      await Promise.all(media.sessions.map((session) => session.end('cleared')));
      asked.length = 0;
    },
    async close() {
      await media.close();
      await pages.close();
    },
  };
}

/** Sees each picture at the moment at which its last packet arrives. */
class FrameWatch {
  #waiting = [];

  openPeer = (options) =>
    openPeer({
      ...options,
      onRtp: (packet) => {
        options.onRtp(packet);
        const { header, payload } = packet.rtp;
        // Padding is no picture.
        if (packet.kind !== 'video' || !header.marker || payload.length === 0) return;
        for (const resolve of this.#waiting.splice(0)) resolve(Date.now());
      },
    });

  /** Resolves with the moment (milliseconds since the epoch) of the next one. @returns {Promise<number>} */
  next() {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

/** What a promise comes to, or null when it takes longer than so many seconds. */
export async function within(promise, seconds) {
  let timer;
  const late = new Promise((resolve) => (timer = setTimeout(() => resolve(null), seconds * 1000)));
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
