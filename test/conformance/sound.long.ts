import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { lacks } from '../support/browser.js';
import { assertConforms, assertTogether, toldTogether } from '../support/conforms.js';
import { makeFlashFilm, soundOffsets } from '../support/media.js';
import { Stage, type Stopped } from '../support/stage.js';

for (const name of ['chromium', 'firefox'] as const) {
  describe(`picture and sound of a take of a minute (${name})`, { skip: lacks(name) }, () => {
    let stage: Stage;
    before(async () => {
      // The sound card that Firefox makes up for tests runs some per cent slow, and all sound with it.
      stage = await Stage.open(name, { prefs: { 'media.cubeb.force_mock_context': false } });
      if (name === 'firefox') await makeFlashFilm(stage.server.file('flash.webm'), 70);
    });
    afterEach(() => stage.clear());
    after(() => stage?.close());

    for (const format of name === 'chromium' ? ['webm', 'mp4'] : ['webm']) {
      it(`stay together in ${format}`, async (test) => {
        const source =
          name === 'chromium' ? { source: 'flash' } : { source: 'film', options: { url: '/files/flash.webm' } };
        const tab = await stage.tab({ ...source, recorders: [{ 'recording-name': format, format }], library: 'off' });
        assert.deepEqual(await tab.call('start'), ['recording']);
        for (const second of [20, 40, 60]) await tab.call('recorded', second);
        const [take] = await tab.call<Stopped[]>('stop');
        const { file } = await assertConforms(stage, tab, take!);
        const offsets = (await soundOffsets(file)).map((offset) => offset * 1000);
        test.diagnostic(toldTogether(format, offsets));
        assertTogether(format, offsets, 59);
      });
    }
  });
}
