/** Rooms: one who publishes and those who watch. They outlive the publisher, so that viewers stay while it comes back. */
import { Refusal } from './limits.mjs';
import { Session } from './session.mjs';

/** A viewer asks for a key frame, and so does loss; each publisher is asked at most this often. */
const KEY_FRAME_PAUSE = 500;
/** Sessions that are remembered because their clients closed the connection. */
const MOST_LEFT = 100;

export class Rooms {
  /** @type {Map<string, { publisher: Session | null, viewers: Set<Session>, askedAt: number }>} */
  #rooms = new Map();
  /** @type {Map<string, Session>} */
  #sessions = new Map();
  /** What is still closing. @type {Set<Promise<void>>} */
  #ending = new Set();
  /** Ids of sessions whose clients closed the connection, the last ones last. @type {string[]} */
  #left = [];
  #opening = 0;
  #options;
  #timer;

  /**
   * @param {object} options
   * @param {typeof import('./peer.mjs').openPeer} options.openPeer
   * @param {import('./faults.mjs').Faults} options.faults
   * @param {Required<import('./limits.mjs').Limits>} options.limits
   * @param {number} options.bitrate
   * @param {'refuse' | 'replace'} options.inUse
   * @param {(session: Session) => void} [options.onEnd]
   */
  constructor(options) {
    this.#options = options;
    this.#timer = setInterval(() => this.#sweep(), 1000);
    this.#timer.unref();
  }

  /** Those that last, oldest first. */
  get sessions() {
    return [...this.#sessions.values()];
  }

  /** Whether a session ended because its client had closed the connection, which may be seen before its DELETE is. @param {string} id */
  wasLeft(id) {
    return this.#left.includes(id);
  }

  /** @param {string} id @param {'whip' | 'whep'} kind @param {string} room */
  find(id, kind, room) {
    const session = this.#sessions.get(id);
    return session?.kind === kind && session.room === room ? session : null;
  }

  /** @param {'whip' | 'whep'} kind @param {string} name @param {string} offer */
  async open(kind, name, offer) {
    const { limits, inUse } = this.#options;
    if (this.#sessions.size + this.#opening >= limits.sessions)
      throw new Refusal(503, 'The server is full.', { 'Retry-After': '5' });
    const room = this.#rooms.get(name);
    let leaving = null;
    if (kind === 'whep' && !room?.publisher)
      throw new Refusal(409, 'Nobody publishes here yet.', { 'Retry-After': '1' });
    if (kind === 'whip' && room?.publisher) {
      // A page that crashed says no goodbye; who opens it again should not have to wait until that is certain.
      const away = performance.now() - room.publisher.heardAt > limits.away * 1000;
      if (inUse === 'refuse' && !away) throw new Refusal(409, 'Somebody publishes here already.');
      leaving = room.publisher.end('replaced');
    }
    const session = new Session({ kind, room: name, offer, onEnd: (ended, closing) => this.#forget(ended, closing) });
    // Taken before anything is waited for: of those that come at once only one may have the room.
    this.#enter(session);
    this.#opening++;
    try {
      if (leaving) await leaving;
      if (!session.ended) {
        session.peer = await this.#peerOf(session, offer);
        session.peer.silence(this.#options.faults.silent);
      }
    } catch (error) {
      await session.end('failed');
      throw error instanceof TypeError ? error : new Refusal(422, `The offer cannot be answered: ${error.message}`);
    } finally {
      this.#opening--;
    }
    // It may have been ended meanwhile, when there was no peer to close yet.
    if (session.ended) {
      await session.peer?.close(false);
      throw new Refusal(409, 'The session was ended before it began.');
    }
    this.#sessions.set(session.id, session);
    return session;
  }

  /** @param {boolean} silent */
  silence(silent) {
    for (const session of this.sessions) session.peer.silence(silent);
  }

  /** Ends all; resolves when nothing is left. @param {boolean} goodbye */
  async close(goodbye = true) {
    clearInterval(this.#timer);
    const entered = [...this.#rooms.values()].flatMap(({ publisher, viewers }) => [publisher, ...viewers]);
    await Promise.all(entered.map((session) => session?.end('stopped', goodbye)));
    await Promise.all(this.#ending);
  }

  #peerOf(session, offer) {
    const { openPeer, faults, bitrate } = this.#options;
    const room = this.#rooms.get(session.room);
    return openPeer({
      offer,
      codecs: session.kind === 'whep' ? codecsOf(room.publisher) : null,
      drops: () => faults.loses(),
      bitrate: () => faults.bitrate ?? bitrate,
      onConnection: (state) => {
        session.connection = state;
        if (state === 'closed') void session.end('closed');
        else if (state === 'connected' && session.kind === 'whep') this.#askKeyFrame(room);
      },
      onHeard: () => (session.heardAt = performance.now()),
      onKeyFrameWanted: () => this.#askKeyFrame(room),
      onRtp: (packet) => this.#forward(session, room, packet),
    });
  }

  #forward(session, room, packet) {
    const { lost } = session.video;
    if (!session.count(packet)) return;
    if (session.video.lost > lost) this.#askKeyFrame(room);
    for (const viewer of room.viewers) if (viewer.peer?.send(packet) === false) void viewer.end('codec');
  }

  #askKeyFrame(room) {
    const now = performance.now();
    if (now - room.askedAt < KEY_FRAME_PAUSE) return;
    room.askedAt = now;
    room.publisher?.peer?.askKeyFrame();
  }

  #enter(session) {
    const room = this.#rooms.get(session.room) ?? { publisher: null, viewers: new Set(), askedAt: -KEY_FRAME_PAUSE };
    this.#rooms.set(session.room, room);
    if (session.kind === 'whip') room.publisher = session;
    else room.viewers.add(session);
  }

  #forget(session, closing) {
    const done = closing.finally(() => this.#ending.delete(done));
    this.#ending.add(done);
    this.#sessions.delete(session.id);
    this.#options.onEnd?.(session);
    if (session.ended === 'closed') this.#left = [...this.#left, session.id].slice(-MOST_LEFT);
    const room = this.#rooms.get(session.room);
    if (!room) return;
    if (room.publisher === session) room.publisher = null;
    room.viewers.delete(session);
    if (!room.publisher && room.viewers.size === 0) this.#rooms.delete(session.room);
  }

  #sweep() {
    const since = performance.now() - this.#options.limits.idle * 1000;
    for (const session of this.sessions) if (session.heardAt < since) void session.end('idle');
  }
}

/** What a viewer is sent; empty while it is not known, when all is offered. */
const codecsOf = ({ video, audio }) => ({ video: video.codec, audio: audio.codec });
