/**
 * What the server tells of itself at `/metrics`, beside what pages push. Counters are those of the process: a server that
 * goes away and comes back by its button counts on, as Prometheus expects of one that was not started anew.
 */

/** No page may push families that begin with it. */
export const OWN_PREFIX = 'onair_server_';

/** Units that a name may end in, for which the format asks for a line of its own. */
const UNIT = /_(seconds|bytes)$/;

/** Statuses by their class; `none` where the client went away before it was answered. */
const classOf = (status) => (status === 0 ? 'none' : `${Math.floor(status / 100)}xx`);

export class Figures {
  #started = performance.now();
  #answers = { '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0, none: 0 };
  /** Of sessions that have ended. */
  #past = { audio: nothing(), video: nothing(), socket: nothing() };

  /** A request was answered. @param {number} status 0 where its client went away before */
  answered(status) {
    const name = classOf(status);
    this.#answers[name] = (this.#answers[name] ?? 0) + 1;
  }

  /** A media session is over: what came of it stays counted. @param {import('./session.mjs').Session} session */
  ended(session) {
    add(this.#past, receivedBy(session));
  }

  /** A session of sockets is over. @param {import('./socket-session.mjs').SocketSession} session */
  left({ bytes, received }) {
    add(this.#past, { socket: { count: received, bytes } });
  }

  /**
   * @param {{ rooms: import('./rooms.mjs').Rooms, sockets: import('./socket.mjs').Sockets } | null} running null: it is away
   * @returns {Map<string, import('./metrics.mjs').Family>}
   */
  families(running) {
    const sessions = running?.rooms.sessions ?? [];
    const channels = running?.sockets.sessions ?? [];
    const { audio, video, socket } = this.#received(sessions, channels);
    const of = (kind) => sessions.filter((session) => session.kind === kind).length;
    return new Map([
      gauge('uptime_seconds', 'Time since the server was started.', [
        [{}, Number(((performance.now() - this.#started) / 1000).toFixed(3))],
      ]),
      gauge('sessions', 'Media sessions that last, of publishers (whip) and viewers (whep).', [
        [{ kind: 'whip' }, of('whip')],
        [{ kind: 'whep' }, of('whep')],
      ]),
      gauge('sockets', 'Sockets that are open.', [[{}, running?.sockets.links ?? 0]]),
      gauge('channels', 'Sessions of sockets, with a link or without.', [[{}, channels.length]]),
      counter(
        'requests',
        'HTTP requests by the class of their status; none: the client went away. Sockets are not among them.',
        Object.entries(this.#answers).map(([status, count]) => [{ status }, count]),
      ),
      counter('received_frames', 'Pictures, and packets of sound, that publishers sent.', [
        [{ kind: 'audio' }, audio.count],
        [{ kind: 'video' }, video.count],
      ]),
      counter('received_messages', 'Messages that came over sockets.', [[{}, socket.count]]),
      counter('received_bytes', 'Payload of media, and all that came over sockets.', [
        [{ kind: 'audio' }, audio.bytes],
        [{ kind: 'video' }, video.bytes],
        [{ kind: 'socket' }, socket.bytes],
      ]),
    ]);
  }

  #received(sessions, channels) {
    const sum = structuredClone(this.#past);
    for (const session of sessions) add(sum, receivedBy(session));
    for (const { bytes, received } of channels) add(sum, { socket: { count: received, bytes } });
    return sum;
  }
}

const nothing = () => ({ count: 0, bytes: 0 });

function add(sum, more) {
  for (const [kind, { count, bytes }] of Object.entries(more)) {
    sum[kind].count += count;
    sum[kind].bytes += bytes;
  }
}

/** Of all layers: `video` is the largest of them, or the only one. */
function receivedBy({ audio, video, layers }) {
  const pictures = [...new Set([video, ...layers.values()])];
  return {
    audio: { count: audio.frames, bytes: audio.bytes },
    video: {
      count: pictures.reduce((sum, { frames }) => sum + frames, 0),
      bytes: pictures.reduce((sum, { bytes }) => sum + bytes, 0),
    },
  };
}

const gauge = (name, help, rows) => family(name, 'gauge', help, rows, '');
const counter = (name, help, rows) => family(name, 'counter', help, rows, '_total');

/** @returns {[string, import('./metrics.mjs').Family]} */
function family(short, type, help, rows, suffix) {
  const name = OWN_PREFIX + short;
  const unit = UNIT.exec(name)?.[1];
  const heads = new Map([
    ['TYPE', `# TYPE ${name} ${type}`],
    ...(unit ? [/** @type {[string, string]} */ (['UNIT', `# UNIT ${name} ${unit}`])] : []),
    ['HELP', `# HELP ${name} ${help}`],
  ]);
  const samples = rows.map(([labels, value]) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
    return `${name}${suffix}${pairs.length > 0 ? `{${pairs.join()}}` : ''} ${value}`;
  });
  return [name, { type, heads, samples }];
}
