import { expect } from '@open-wc/testing';
import '../../dist/define/index.js';
import type { OnAirElement } from '../../dist/components/shared/element.js';
import { waitUntil } from './wait.js';

const TAGS = [
  'media-producer',
  'stream-recorder',
  'stream-publisher',
  'recording-library',
  'audio-level',
  'perf-meter',
  'stream-pool-status',
];

/** As a picture-in-picture window has one: of this origin, with a window of its own. */
async function anotherDocument(): Promise<Document> {
  const frame = document.createElement('iframe');
  frame.srcdoc = '<!doctype html><title>Another window</title><body style="margin: 0">';
  // As much room as there is here.
  frame.style.cssText = `border: 0; width: ${document.body.clientWidth}px; height: ${innerHeight}px`;
  await new Promise((resolve) => {
    frame.onload = resolve;
    document.body.append(frame);
  });
  return frame.contentDocument!;
}

/** What its sheets make of the element, and of the first box in it. */
const look = (element: Element) =>
  [element, element.shadowRoot!.firstElementChild!].map((one) => {
    const style = one.ownerDocument.defaultView!.getComputedStyle(one);
    return [style.display, style.borderRadius, style.padding, style.gap, style.fontWeight].join();
  });

afterEach(() => document.querySelectorAll('iframe').forEach((frame) => frame.remove()));

describe('in the document of another window', () => {
  for (const tag of TAGS)
    it(`<${tag}> looks as it does in this one`, async () => {
      const element = document.createElement(tag) as OnAirElement;
      document.body.append(element);
      await element.updateComplete;
      await waitUntil(() => element.shadowRoot!.firstElementChild, 'something is in it');
      const before = look(element);
      const there = await anotherDocument();
      there.body.append(element);
      await element.updateComplete;
      expect(look(element)).to.deep.equal(before);
      document.body.append(element);
      await element.updateComplete;
      expect(look(element)).to.deep.equal(before);
      element.remove();

      const fresh = document.createElement(tag) as OnAirElement;
      there.body.append(fresh);
      await fresh.updateComplete;
      await waitUntil(() => fresh.shadowRoot!.firstElementChild, 'something is in it');
      expect(look(fresh)).to.deep.equal(before);
    });
});
