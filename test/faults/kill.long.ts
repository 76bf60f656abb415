import { after, afterEach, before, describe, it } from 'node:test';
import { lacks } from '../support/browser.js';
import { seeded } from '../support/fixtures.js';
import { killsAt } from '../support/kills.js';
import { Stage } from '../support/stage.js';

const KILLS = 20;

for (const name of ['chromium', 'firefox'] as const) {
  describe(`a browser that is killed in the middle of a take, ${KILLS} times (${name})`, { skip: lacks(name) }, () => {
    let stage: Stage;
    before(async () => (stage = await Stage.open(name)));
    afterEach(() => stage.clear());
    after(() => stage?.close());

    const random = seeded(7);
    for (let kill = 0; kill < KILLS; kill++) {
      const moment = 0.05 + random() * 10;
      it(`leaves all but a second of it, ${moment.toFixed(2)} s in`, (test) => killsAt(stage, moment, test));
    }
  });
}
