/** Publishers by libdatachannel (node-datachannel), which are native code, in a process of their own. */
import { RtcClient } from '../../test/support/rtc-client.ts';
import { serveCalls } from '../support/child.mjs';

/** At a time: each takes the server some milliseconds to answer. */
const TOGETHER = 5;
/** Two packets thirty times a second: 0.5 Mbps. */
const PICTURE = { packets: 2, bytes: 1042 };

const clients = [];

serveCalls({
  /** Connects so many, each to a room of its own, and has them send. */
  async open(url, count) {
    for (let begun = 0; begun < count; begun += TOGETHER)
      await Promise.all(
        Array.from({ length: Math.min(TOGETHER, count - begun) }, async (_, index) => {
          const { client, answer } = await RtcClient.open(`${url}/whip/room${begun + index}`);
          if (answer.status !== 201) throw new Error(`${answer.status}: ${answer.text}`);
          clients.push(client);
          while (client.state !== 'connected') await new Promise((resolve) => setTimeout(resolve, 5));
          client.play(PICTURE);
        }),
      );
  },
  play: () => clients.forEach((client) => client.play(PICTURE)),
  pause: () => clients.forEach((client) => client.pause()),
  /** Packets so far. */
  sent: () => clients.reduce((sum, client) => sum + client.sent, 0),
});
