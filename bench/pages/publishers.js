/**
 * Whoever publishes, behind one face: made of a stream and the address of an endpoint, `start(token)` settles when it is
 * connected, or rejects with what it says; `stop()` ends the broadcast. Each is used as its documents tell, and asks no
 * server of others for candidates. Who says nothing has started: a fault is told, or it is none.
 */
import { WHIPClient as EyevinnClient } from '/peer/eyevinn.js';
import { WHIPClient as WhipWhepClient } from '/peers/whip-whep/whip.js';

/** Seconds in which something may be said. */
const PATIENCE = 10;

/** `<stream-publisher>` in a producer of this stream. */
function onair(stream, url) {
  const producer = document.createElement('media-producer');
  producer.toggleAttribute('no-preview', true);
  const publisher = Object.assign(document.createElement('stream-publisher'), { src: url });
  producer.append(publisher);
  document.body.append(producer);
  producer.srcObject = stream;
  return {
    async start(token) {
      publisher.token = token;
      await publisher.start();
    },
    stop: () => publisher.stop(),
    /** Its reports have begun, by which it notices that there are none. */
    settled: () => settled(() => publisher.stats?.roundTrip != null && publisher.stats.uptime >= 4),
  };
}

/** The connection is the page's. */
function whipWhep(stream, url) {
  const client = new WhipWhepClient();
  return {
    async start(token) {
      const connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
      for (const track of stream.getTracks())
        connection.addTransceiver(track, { direction: 'sendonly', streams: [stream] });
      await client.publish(connection, url, token);
      await connects(connection);
    },
    stop: () => client.stop(),
  };
}

/** It says nothing of what becomes of an offer: `ingest()` resolves all the same. */
function eyevinn(stream, url) {
  let client = null;
  return {
    async start(token) {
      let connection = null;
      client = new EyevinnClient({
        endpoint: url,
        opts: { iceServers: [], authkey: token },
        peerConnectionFactory: (configuration) => (connection = new RTCPeerConnection(configuration)),
      });
      await client.ingest(stream);
      await connects(connection);
    },
    stop: () => client.destroy(),
  };
}

function oven(stream, url) {
  let kit = null;
  return {
    start: (token) =>
      new Promise((resolve, reject) => {
        const fail = (error) => reject(error instanceof Error ? error : new Error(String(error)));
        setTimeout(resolve, PATIENCE * 1000);
        kit = globalThis.OvenLiveKit.create({ callbacks: { connected: resolve, error: fail } });
        kit.setMediaStream(stream);
        kit.startStreaming(url, token ? { httpHeaders: { Authorization: `Bearer ${token}` } } : {});
      }),
    stop: () => kit.stopStreaming(),
  };
}

export const publishers = {
  onair,
  'whip-whep': whipWhep,
  '@eyevinn/whip-web-client': eyevinn,
  ovenlivekit: oven,
};

/** Resolves when it is up, or never will be. */
function connects(connection) {
  return new Promise((resolve) => {
    setTimeout(resolve, PATIENCE * 1000);
    const look = () => ['connected', 'failed', 'closed'].includes(connection.connectionState) && resolve();
    connection.addEventListener('connectionstatechange', look);
    look();
  });
}

async function settled(holds) {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 50));
}
