/** One broadcast by one contender: `live.html?client=<name>`. */
import { publishers } from '/pages/publishers.js';

const name = new URLSearchParams(location.search).get('client');

/** Of the page, whoever has made them; and when the first of them was connected. */
const watched = { connectedAt: null };
globalThis.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...given) {
    super(...given);
    this.addEventListener('connectionstatechange', () => {
      if (this.connectionState === 'connected') watched.connectedAt ??= performance.now();
    });
  }
};

/** Resolves when somebody has sent an offer. */
const posted = new Promise((resolve) => {
  const { fetch } = globalThis;
  globalThis.fetch = (address, options) => {
    if (options?.method === 'POST') resolve();
    return fetch(address, options);
  };
});

let publisher = null;

/** The picture is there before it is published: what a camera takes to start is not measured. */
async function open(url) {
  const picture = { width: 640, height: 480, frameRate: 30 };
  const stream = await navigator.mediaDevices.getUserMedia({ video: picture, audio: true });
  const video = Object.assign(document.createElement('video'), { srcObject: stream, muted: true });
  await video.play();
  video.srcObject = null;
  publisher = publishers[name](stream, url);
}

/** What the WHIP suite drives: see test/conformance/whip/rules.ts. */
globalThis.client = {
  async start({ url, token }) {
    await open(url);
    await publisher.start(token);
  },
  stop: () => publisher.stop(),
};

globalThis.live = {
  /** With what comes with a page that is there for a while. */
  async open(url) {
    await open(url);
    await new Promise((resolve) => setTimeout(resolve, 500));
  },
  /** Milliseconds to the connection, and when it was begun on the clock of the machine. */
  async start() {
    const [at, began] = [Date.now(), performance.now()];
    await publisher.start();
    // Some say so when ICE is, and encryption is not yet.
    while (watched.connectedAt === null) await new Promise((resolve) => setTimeout(resolve, 5));
    return { at, connected: watched.connectedAt - began };
  },
  posted: () => posted,
  begin: () => void publisher.start().catch(() => {}),
  stop: () => publisher.stop(),
  /** Where a contender says when it is ready to notice a fault. */
  settled: () => publisher.settled?.(),
};
