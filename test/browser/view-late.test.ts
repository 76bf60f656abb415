import { expect } from '@open-wc/testing';
import '../../dist/define/media-producer.js';
import '../../dist/define/stream-recorder.js';
import { announced, live, part, PATIENCE, recorded, tidy } from './stream-recorder-support.js';
import { waitUntil } from './wait.js';

afterEach(() => {
  document.cookie = 'late=; path=/; max-age=0';
  return tidy();
});

describe('what is shown and said of a take', () => {
  it('tells that it has started also when it comes after that', async () => {
    document.cookie = 'late=take-view.js; path=/';
    const element = await live();
    await element.start();
    await recorded(element, 1);
    expect([announced(), part('status')]).to.deep.equal(['', null]);
    await fetch('/arrive');
    await waitUntil(() => announced() === 'Recording has started.', 'it is said', PATIENCE);
    expect(part('status')!.textContent).to.equal('Recording');
    await element.stop();
  });
});
