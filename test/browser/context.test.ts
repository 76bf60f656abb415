import { expect } from '@open-wc/testing';
import { LitElement } from 'lit';
import { CORE_PRODUCER, ProducerLink, type ProducerElement } from '../../dist/components/shared/producer-link.js';
import { MediaProducer } from '../../dist/core/producer/index.js';
import type { OaMediaProducer } from '../../dist/components/media-producer/media-producer.js';
import { waitUntil } from './wait.js';

/** The least that an element does which belongs to a producer. */
class TestSink extends LitElement {
  static override properties = { htmlFor: { attribute: 'for' }, producer: { attribute: false } };
  declare htmlFor: string | undefined;
  declare producer: ProducerElement | MediaProducer | HTMLElement | null | undefined;
  readonly told: (MediaProducer | null)[] = [];
  readonly link = new ProducerLink(this, (producer) => this.told.push(producer));
}

let place: HTMLElement;

function insert(markup: string): HTMLElement {
  place = document.createElement('div');
  place.innerHTML = markup;
  document.body.append(place);
  return place;
}

const sink = (root: ParentNode = place) => root.querySelector<TestSink>('test-sink')!;
const element = (selector = 'media-producer') => place.querySelector<OaMediaProducer>(selector)!;
const core = (selector?: string) => element(selector)[CORE_PRODUCER];
const found = (producer: MediaProducer) => waitUntil(() => sink().link.producer === producer, 'the producer is found');

afterEach(() => place.remove());

describe('an element that is there before producers are defined', () => {
  // Once for this page: what is defined stays defined.
  it('finds its producer by nesting, by for and by property', async () => {
    const root = insert(`
      <media-producer id="p"><test-sink></test-sink></media-producer>
      <test-sink for="p"></test-sink>
      <test-sink id="by-property"></test-sink>`);
    customElements.define('test-sink', TestSink);
    const sinks = [...root.querySelectorAll<TestSink>('test-sink')];
    sinks[2]!.producer = root.querySelector<HTMLElement>('#p');
    await Promise.all(sinks.map((one) => one.updateComplete));
    expect(sinks.map(({ link }) => link.producer)).to.deep.equal([null, null, null]);

    await import('../../dist/define/media-producer.js');
    await waitUntil(() => sinks.every(({ link }) => link.producer === core()), 'all three found it');
    expect(sinks.map(({ told }) => told.length)).to.deep.equal([1, 1, 1]);
  });
});

describe('an element that looks for its producer', () => {
  it('finds the one it is nested in, at any depth and through shadow roots', () => {
    insert('<media-producer><div><section></section></div></media-producer>');
    const shadow = place.querySelector('section')!.attachShadow({ mode: 'open' });
    shadow.innerHTML = '<test-sink></test-sink>';
    expect(sink(shadow).link.producer).to.equal(core());
  });

  it('finds the nearest of nested producers', () => {
    insert('<media-producer><media-producer id="inner"><test-sink></test-sink></media-producer></media-producer>');
    expect(sink().link.producer).to.equal(core('#inner'));
  });

  it('finds one by id that is inserted later, or gets its id later', async () => {
    insert('<test-sink for="late"></test-sink>');
    place.append(document.createElement('media-producer'));
    expect(sink().link.producer).to.equal(null);
    element().id = 'late';
    await found(core());

    place.remove();
    insert('<test-sink for="late"></test-sink>');
    expect(sink().link.producer).to.equal(null);
    place.insertAdjacentHTML('beforeend', '<media-producer id="late"></media-producer>');
    await found(core());
  });

  it('finds one by id in its own root only', () => {
    insert('<media-producer id="p"></media-producer><section></section>');
    const shadow = place.querySelector('section')!.attachShadow({ mode: 'open' });
    shadow.innerHTML = '<test-sink for="p"></test-sink>';
    expect(sink(shadow).link.producer).to.equal(null);
  });

  it('prefers its property to for, and for to nesting, and takes changes of each', async () => {
    insert(
      `<media-producer id="a"><test-sink for="b"></test-sink></media-producer><media-producer id="b"></media-producer>`,
    );
    const own = new MediaProducer();
    expect(sink().link.producer).to.equal(core('#b'));
    sink().producer = own;
    await found(own);
    sink().producer = element('#a');
    await found(core('#a'));
    sink().producer = null;
    await found(core('#b'));
    sink().htmlFor = undefined;
    await found(core('#a'));
    expect(sink().told.length).to.equal(5);
  });

  it('takes another element under its id for the producer when the first was none', async () => {
    insert('<div id="p"></div><test-sink for="p"></test-sink>');
    expect(sink().link.producer).to.equal(null);
    place.querySelector('#p')!.remove();
    place.insertAdjacentHTML('beforeend', '<media-producer id="p"></media-producer>');
    await found(core());
  });
});

describe('an element whose producer is made anew under the same id, as frameworks do,', () => {
  const replaced = (put: (fresh: Element, old: Element) => void) => async () => {
    insert('<section><media-producer id="p"></media-producer></section><test-sink for="p"></test-sink>');
    const fresh = document.createElement('media-producer') as unknown as OaMediaProducer;
    fresh.id = 'p';
    put(fresh, element());
    await found(fresh[CORE_PRODUCER]);
    expect(sink().told.length).to.equal(2);
  };

  it(
    'goes along when it takes the other one’s place',
    replaced((fresh, old) => old.replaceWith(fresh)),
  );

  it(
    'goes along when it comes before the other one goes',
    replaced((fresh, old) => {
      old.after(fresh);
      old.remove();
    }),
  );

  it(
    'goes along when it is inside another producer',
    replaced((fresh, old) => {
      const around = document.createElement('media-producer');
      place.append(around);
      old.remove();
      around.append(fresh);
    }),
  );

  it('stays with one that another of its id comes behind', async () => {
    insert('<media-producer id="p"></media-producer><test-sink for="p"></test-sink>');
    place.insertAdjacentHTML('beforeend', '<media-producer id="p"></media-producer>');
    await sink().updateComplete;
    expect(sink().link.producer).to.equal(core());
    expect(sink().told.length).to.equal(1);
  });
});

describe('an element that is moved', () => {
  it('belongs to where it is, and to none outside', () => {
    insert('<media-producer id="a"><test-sink></test-sink></media-producer><media-producer id="b"></media-producer>');
    const moved = sink();
    element('#b').append(moved);
    expect(moved.link.producer).to.equal(core('#b'));
    place.append(moved);
    expect(moved.link.producer).to.equal(null);
    element('#a').append(moved);
    expect(moved.link.producer).to.equal(core('#a'));
  });

  it('is not told of a producer that stays the same', () => {
    insert('<media-producer><section></section><test-sink></test-sink></media-producer>');
    const moved = sink();
    place.querySelector('section')!.append(moved);
    expect(moved.told).to.deep.equal([core()]);
  });

  it('moves with its producer', () => {
    insert('<section></section><media-producer><test-sink></test-sink></media-producer>');
    place.querySelector('section')!.append(element());
    expect(sink().told).to.deep.equal([core()]);
  });

  it('keeps the last producer while it is out of the document, and asks for no other', async () => {
    insert('<media-producer id="p"></media-producer><test-sink for="p"></test-sink>');
    const moved = sink();
    moved.remove();
    moved.htmlFor = 'q';
    await moved.updateComplete;
    expect(moved.link.producer).to.equal(core());
    place.append(moved);
    expect(moved.link.producer).to.equal(null);
  });
});
