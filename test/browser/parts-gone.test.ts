import { expect } from '@open-wc/testing';
import '../../dist/define/media-producer.js';
import '../../dist/define/stream-recorder.js';
import { lose, nextFault, REMEMBERS, SENTENCE, whenGone } from './gone-support.js';
import {
  announced,
  codeOf,
  GIVEN,
  insert,
  live,
  part,
  picture,
  producer,
  record,
  recordButton,
} from './stream-recorder-support.js';

whenGone(() => {
  it('a producer says so, and captures once it is back', async () => {
    lose('open-session.js');
    await insert(GIVEN);
    const heard = nextFault();
    producer().shadowRoot!.querySelector<HTMLElement>('[part~="start-button"]')!.click();
    const { code, fatal, source } = await heard;
    expect([code, fatal, source]).to.deep.equal(['worker-failed', true, producer()]);
    await producer().updateComplete;
    expect(producer().shadowRoot!.querySelector('[part="error"]')!.textContent!.trim()).to.equal(SENTENCE);
    expect(producer().state).to.equal('failed');
    lose(null);
    if (REMEMBERS) expect(await codeOf(producer().start())).to.equal('worker-failed');
    else await producer().start();
    producer().srcObject = picture();
    expect(producer().state).to.equal('live');
  });

  it('a recorder says so, and records once it is back', async () => {
    const element = await live();
    lose('take-run.js');
    const heard = nextFault();
    recordButton().click();
    const { code, fatal, source } = await heard;
    expect([code, fatal, source]).to.deep.equal(['worker-failed', true, element]);
    await element.updateComplete;
    expect(element.state).to.equal('failed');
    expect(part('error')!.textContent!.trim()).to.equal(SENTENCE);
    expect(announced()).to.equal(SENTENCE);
    expect(await codeOf(element.stop()), 'there is no take').to.equal('invalid-state');
    lose(null);
    if (REMEMBERS) expect(await codeOf(element.start())).to.equal('worker-failed');
    else expect((await record(element)).state).to.equal('saved');
  });
});
