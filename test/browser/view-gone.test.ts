import { expect } from '@open-wc/testing';
import '../../dist/define/media-producer.js';
import '../../dist/define/stream-recorder.js';
import { lose, nextFault, REMEMBERS, SENTENCE, whenGone } from './gone-support.js';
import { live, part, PATIENCE, recordButton, recorded } from './stream-recorder-support.js';
import { waitUntil } from './wait.js';

whenGone(() => {
  it('a take that cannot be shown is recorded all the same, and that is said', async () => {
    const element = await live();
    lose('take-view.js');
    const heard = nextFault();
    recordButton().click();
    const { code, fatal, source } = await heard;
    expect([code, fatal, source]).to.deep.equal(['worker-failed', false, element]);
    await element.updateComplete;
    expect(part('error')!.textContent!.trim()).to.equal(SENTENCE);
    await recorded(element, 1);
    expect(part('status')).to.equal(null);
    lose(null);
    recordButton().click();
    await waitUntil(() => element.recording, 'saved', PATIENCE);
    expect(element.recording!.state).to.equal('saved');
    // Not by `record()`, which stops in the very moment in which this looks.
    await element.start();
    await recorded(element, 1);
    if (!REMEMBERS) expect(part('status')!.textContent).to.equal('Recording');
    expect((await element.stop()).state).to.equal('saved');
  });
});
