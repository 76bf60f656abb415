/** What else a page does beside its broadcast, for as long as that lasts: it asks, and is answered. */
import { LiveSocket, RequestChannel } from '/dist/cdn/channel.js';

const counts = { asked: 0, answered: 0, wrong: 0, faults: {} };

/** What is open of these, from when they are made. */
const connections = opened('RTCPeerConnection', ({ connectionState }) => connectionState !== 'closed');
const sockets = opened('WebSocket', ({ readyState }) => readyState < WebSocket.CLOSING);
const listeners = listening(
  (target) =>
    [window, document, navigator.mediaDevices].includes(target) ||
    target instanceof MediaStreamTrack ||
    target instanceof MediaStream,
);

/** Answers how many objects of a class are open. None is kept by being counted. */
function opened(name, isOpen) {
  const all = new Set();
  globalThis[name] = class extends globalThis[name] {
    constructor(...given) {
      super(...given);
      all.add(new WeakRef(this));
    }
  };
  return () => {
    for (const one of all) if (!one.deref() || !isOpen(one.deref())) all.delete(one);
    return all.size;
  };
}

/** Answers how many listeners there are at targets that last as long as the page. */
function listening(lasts) {
  const { addEventListener, removeEventListener } = EventTarget.prototype;
  /** By target, then by type and phase. */
  const all = new WeakMap();
  let count = 0;
  const at = (target, type, options) => {
    const key = `${type} ${typeof options === 'object' ? Boolean(options?.capture) : Boolean(options)}`;
    if (!all.has(target)) all.set(target, new Map());
    if (!all.get(target).has(key)) all.get(target).set(key, new Set());
    return all.get(target).get(key);
  };
  const forget = (target, type, listener, options) => {
    if (at(target, type, options).delete(listener)) count--;
  };
  EventTarget.prototype.addEventListener = function (type, listener, options) {
    const target = this ?? globalThis;
    addEventListener.call(target, type, listener, options);
    if (!lasts(target) || !listener || options?.signal?.aborted || at(target, type, options).has(listener)) return;
    at(target, type, options).add(listener);
    count++;
    const gone = () => forget(target, type, listener, options);
    if (options?.signal) addEventListener.call(options.signal, 'abort', gone, { once: true });
    if (options?.once) addEventListener.call(target, type, gone, { once: true });
  };
  EventTarget.prototype.removeEventListener = function (type, listener, options) {
    const target = this ?? globalThis;
    removeEventListener.call(target, type, listener, options);
    if (lasts(target)) forget(target, type, listener, options);
  };
  return () => count;
}

Object.assign(globalThis.take, {
  /** Asks twice a second what may be asked twice. */
  converse(address) {
    const channel = new RequestChannel(new LiveSocket(address), { timeout: 10 });
    setInterval(() => {
      const number = counts.asked++;
      channel.request('echo', { number }, { safe: true }).then(
        ({ data }) => {
          if (data.number === number) counts.answered++;
          else counts.wrong++;
        },
        ({ code }) => (counts.faults[code] = (counts.faults[code] ?? 0) + 1),
      );
    }, 500);
  },
  counts: () => counts,
  /** What is open, and what listens. */
  held: () => ({ connections: connections(), sockets: sockets(), listeners: listeners() }),
});
