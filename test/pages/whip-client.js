/** What the WHIP suite drives: see test/conformance/whip/rules.ts. */
import * as sources from './sources.js';

let publisher = null;

globalThis.client = {
  async start({ url, token }) {
    const { stream } = await sources.clock({ width: 320, height: 240 });
    const producer = document.createElement('media-producer');
    publisher = document.createElement('stream-publisher');
    Object.assign(publisher, { src: url, token });
    producer.append(publisher);
    document.body.append(producer);
    producer.srcObject = stream;
    await publisher.start();
  },
  stop: () => publisher.stop(),
};
