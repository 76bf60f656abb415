/** What else a page does beside its broadcast, for as long as that lasts: it asks, and is answered. */
import { LiveSocket, RequestChannel } from '/dist/cdn/channel.js';

const counts = { asked: 0, answered: 0, wrong: 0, faults: {} };

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
});
