/**
 * A small WHEP player: asks for a broadcast and plays it; begins again when nothing comes any more. Playing is not the
 * business of the package: this is here so that something can be seen.
 */
const SECONDS_OF_NOTHING = 3;

export class Viewer {
  #endpoint;
  #show;
  #connection = null;
  #session = null;
  #timer = null;
  #wanted = false;
  #received = 0;
  #receivedAt = 0;

  /** @param {string} endpoint @param {(stream: MediaStream | null) => void} show */
  constructor(endpoint, show) {
    this.#endpoint = endpoint;
    this.#show = show;
    addEventListener('pagehide', () => this.stop());
  }

  start() {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#timer = setInterval(() => this.#look(), 1000);
    void this.#open();
  }

  stop() {
    this.#wanted = false;
    clearInterval(this.#timer);
    this.#close();
  }

  async #open() {
    this.#close();
    const connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    this.#connection = connection;
    this.#receivedAt = performance.now();
    const stream = new MediaStream();
    connection.addEventListener('track', ({ track }) => {
      stream.addTrack(track);
      this.#show(stream);
    });
    for (const kind of ['audio', 'video']) connection.addTransceiver(kind, { direction: 'recvonly' });
    try {
      await connection.setLocalDescription();
      await gathered(connection);
      const { sdp } = connection.localDescription;
      const headers = { 'Content-Type': 'application/sdp' };
      const answer = await fetch(this.#endpoint, { method: 'POST', headers, body: sdp });
      // Nobody is live, or not yet again: the next look asks again.
      if (answer.status !== 201) return;
      const session = new URL(answer.headers.get('Location'), answer.url).href;
      // It was stopped meanwhile, when there was no session to leave yet.
      if (this.#connection !== connection) return leave(session);
      this.#session = session;
      await connection.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
    } catch {
      // The server is away: the next look asks again.
    }
  }

  /** Begins again when nothing has come for some seconds. */
  async #look() {
    const connection = this.#connection;
    let received = 0;
    const report = await connection?.getStats();
    report?.forEach((one) => (received += one.type === 'inbound-rtp' ? one.packetsReceived : 0));
    if (connection !== this.#connection || !this.#wanted) return;
    if (received !== this.#received) this.#receivedAt = performance.now();
    this.#received = received;
    if (performance.now() - this.#receivedAt > SECONDS_OF_NOTHING * 1000) void this.#open();
  }

  #close() {
    this.#connection?.close();
    this.#connection = null;
    if (this.#session) leave(this.#session);
    this.#session = null;
    this.#show(null);
  }
}

/** Ends a session; where that fails, the server finds out by itself. */
const leave = (session) => void fetch(session, { method: 'DELETE', keepalive: true }).catch(() => {});

/** Candidates go with the offer; those that take longer than a second are left out. */
function gathered(connection) {
  return new Promise((resolve) => {
    const late = setTimeout(resolve, 1000);
    connection.addEventListener('icegatheringstatechange', () => {
      if (connection.iceGatheringState !== 'complete') return;
      clearTimeout(late);
      resolve();
    });
  });
}
