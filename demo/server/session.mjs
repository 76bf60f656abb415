/** One WHIP or WHEP session: its peer, and the facts that tests look at. */
import { randomUUID } from 'node:crypto';
import { fragmentOf, restarted, ufragOf } from './fragment.mjs';
import { MediaCounter } from './media-counter.mjs';

/**
 * @typedef {object} Peer the WebRTC end of a session: `peer.mjs` has one by werift
 * @property {string} answer SDP
 * @property {(candidate: { candidate: string, mid: string | undefined }) => Promise<void>} addCandidate
 * @property {(offer: string) => Promise<string>} restart answers an offer with other ICE credentials
 * @property {() => void} askKeyFrame
 * @property {(silent: boolean) => void} silence keeps ICE alive, and hears and sends nothing else
 * @property {(packet: { kind: string, codec: string, rtp: object }) => void} [send] only of a viewer
 * @property {(goodbye: boolean) => Promise<void>} close without a goodbye the other side is told nothing
 */

export class Session {
  id = randomUUID();
  /** @type {'whip' | 'whep'} */
  kind;
  room;
  /** Milliseconds of `performance.now()`. */
  createdAt = performance.now();
  /** Of the peer connection: `new`, `connecting`, `connected`, `disconnected`, `failed`, `closed`. */
  connection = 'new';
  /** When something came in last: media, or what a viewer says of it. */
  heardAt = performance.now();
  /** How often ICE was restarted. */
  restarts = 0;
  /** Candidates that were trickled, and those that were passed over because they belong to older credentials. */
  candidates = { taken: 0, old: 0 };
  video = new MediaCounter();
  audio = new MediaCounter();
  /** Why it ended; empty while it lasts: `deleted`, `replaced`, `idle`, `closed`, `killed`, `stopped`, `failed`. */
  ended = '';
  /** @type {Peer} */
  peer;
  #etag = newEtag();
  #offer;
  #busy = Promise.resolve();
  #closing = Promise.resolve();
  #onEnd;

  /**
   * @param {{ kind: 'whip' | 'whep', room: string, offer: string, onEnd: (session: Session, closing: Promise<void>) => void }} options
   */
  constructor({ kind, room, offer, onEnd }) {
    this.kind = kind;
    this.room = room;
    this.#offer = offer;
    this.#onEnd = onEnd;
  }

  /** Path of the session. */
  get location() {
    return `/${this.kind}/${encodeURIComponent(this.room)}/${this.id}`;
  }

  /** Stands for the ICE session: another one after each restart. */
  get etag() {
    return this.#etag;
  }

  get ufrag() {
    return ufragOf(this.#offer);
  }

  /** @param {import('./fragment.mjs').Fragment} fragment */
  async trickle({ ufrag, candidates }) {
    const old = ufrag !== undefined && ufrag !== this.ufrag;
    this.candidates[old ? 'old' : 'taken'] += candidates.length;
    if (old) return;
    for (const candidate of candidates) await this.peer.addCandidate(candidate);
  }

  /** Restarts ICE, one at a time; answers the fragment for the client. @param {import('./fragment.mjs').Fragment} fragment */
  restart(fragment) {
    const done = this.#busy.then(async () => {
      const offer = restarted(this.#offer, fragment);
      const answer = await this.peer.restart(offer);
      this.#offer = offer;
      this.#etag = newEtag();
      this.restarts++;
      return fragmentOf(answer);
    });
    this.#busy = done.then(
      () => {},
      () => {},
    );
    return done;
  }

  /** Ends as if the machine had gone: the client is told nothing. */
  kill() {
    return this.end('killed', false);
  }

  /**
   * Resolves when nothing of it is left.
   * @param {string} reason
   * @param {boolean} [goodbye] whether the client is told by DTLS
   * @returns {Promise<void>}
   */
  end(reason, goodbye = true) {
    // A peer that is closed says so, and would end it once more.
    if (!this.ended) {
      this.ended = reason;
      this.#closing = Promise.resolve(this.peer?.close(goodbye));
      this.#onEnd(this, this.#closing);
    }
    return this.#closing;
  }
}

const newEtag = () => `"${randomUUID()}"`;
