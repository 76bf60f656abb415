import { expect } from '@open-wc/testing';
import '../../dist/define/media-producer.js';
import { CORE_PRODUCER } from '../../dist/components/shared/producer-link.js';
import type { QualityChangeEvent } from '../../dist/components/events.js';
import type { OaMediaProducer } from '../../dist/components/media-producer/media-producer.js';

const LEVEL = { level: 0.64, bitrate: 0.64, frameRate: 1, size: 1 };

describe('the quality of a media-producer', () => {
  const element = () => document.querySelector<OaMediaProducer>('media-producer')!;
  afterEach(() => element().remove());

  it('is told by an event that does not bubble, once a move', async () => {
    document.body.innerHTML = '<div><media-producer></media-producer></div>';
    const told: QualityChangeEvent[] = [];
    let bubbled = 0;
    element().addEventListener('oa-qualitychange', (event) => told.push(event));
    element().parentElement!.addEventListener('oa-qualitychange', () => bubbled++);
    const core = element()[CORE_PRODUCER];
    core.store.set({ move: { quality: LEVEL, previous: 1, cause: 'encoder' } });
    core.store.set({ error: null, state: 'ended' });
    expect(told.map(({ level, previous, cause }) => [level, previous, cause])).to.deep.equal([[0.64, 1, 'encoder']]);
    expect(bubbled).to.equal(0);
  });

  it('is adaptive unless it is fixed', async () => {
    document.body.innerHTML = '<media-producer quality="fixed"></media-producer>';
    await element().updateComplete;
    expect(element()[CORE_PRODUCER].quality).to.equal('fixed');
    element().removeAttribute('quality');
    await element().updateComplete;
    expect(element()[CORE_PRODUCER].quality).not.to.equal('fixed');
  });
});
