import { expect, oneEvent } from '@open-wc/testing';
import type { FaultEvent } from '../../dist/components/events.js';
import { place, tidy } from './stream-recorder-support.js';

/** What is said of a part that cannot be loaded. */
export const SENTENCE = 'A part of this page could not be loaded. Check the connection, then reload the page.';

/** Firefox keeps to what it could not load until the page is reloaded, which is what the sentence asks for. */
export const REMEMBERS = navigator.userAgent.includes('Firefox/');

/** From now on the server gives no answer for that file; null for none. What was loaded once stays with the page. */
export function lose(file: string | null): void {
  document.cookie = file === null ? 'gone=; path=/; max-age=0' : `gone=${file}; path=/`;
}

export const nextFault = () => oneEvent(place, 'oa-error') as Promise<FaultEvent>;

/** What is thrown and caught by nobody. */
export function unhandled(): unknown[] {
  const heard: unknown[] = [];
  for (const type of ['unhandledrejection', 'error']) addEventListener(type, (event) => heard.push(event));
  return heard;
}

/** Tests of a page whose server goes away. After each it is back, and nothing was thrown that nobody caught. */
export const whenGone = (tests: () => void) =>
  describe('when the server goes away after the page was loaded', () => {
    const thrown = unhandled();
    afterEach(async () => {
      lose(null);
      await tidy();
      expect(thrown).to.deep.equal([]);
    });
    tests();
  });
