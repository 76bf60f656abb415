import { expect, nextFrame } from '@open-wc/testing';
import '../../dist/define/audio-level.js';
import '../../dist/define/media-producer.js';
import type { OaAudioLevel } from '../../dist/components/audio-level/audio-level.js';
import { lose, nextFault, REMEMBERS, SENTENCE, whenGone } from './gone-support.js';
import { insert, PATIENCE, place } from './stream-recorder-support.js';
import { waitUntil } from './wait.js';

const FILE = new URL('../../dist/components/audio-level/desk.js', import.meta.url);

const producer = () => place.querySelector('media-producer')!;
const element = () => place.querySelector<OaAudioLevel>('audio-level')!;
const fault = () => element().shadowRoot!.querySelector('[part="error"]');

/** Something changes at the producer, for as long as it takes to be told that a file is missing. */
async function timeToTell(): Promise<void> {
  for (let time = 0; time < 3; time++) {
    producer().pause();
    await fetch(FILE).catch(() => {});
    producer().resume();
    element().mode = time % 2 ? 'peak' : 'rms';
    await element().updateComplete;
    await nextFrame();
  }
}

whenGone(() => {
  it('an audio-level says so once, asks no more by itself, and works when it is asked, or inserted, again', async () => {
    lose('desk.js');
    const faults: Event[] = [];
    await insert('<media-producer video="none"><audio-level></audio-level></media-producer>');
    place.addEventListener('oa-error', (event) => faults.push(event));
    const heard = nextFault();
    await producer().start();
    const { code, source } = await heard;
    expect([code, source === element(), element().state]).to.deep.equal(['worker-failed', true, 'failed']);
    await timeToTell();
    expect(faults.length).to.equal(1);
    expect(fault()!.textContent!.trim()).to.equal(SENTENCE);
    // Who asks for it is told once more.
    for (const ask of [() => element().reset(), () => producer().append(element())]) {
      const again = nextFault();
      ask();
      await again;
      await timeToTell();
    }
    expect(faults.length).to.equal(3);
    lose(null);
    if (REMEMBERS) return;
    element().reset();
    await waitUntil(() => element().levels !== null, 'levels', PATIENCE);
    expect(element().error).to.equal(null);
  });
});
