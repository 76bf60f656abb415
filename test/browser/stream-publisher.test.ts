import { expect, oneEvent } from '@open-wc/testing';
import 'axe-core/axe.min.js';
import '../../dist/define/media-producer.js';
import '../../dist/define/stream-publisher.js';
import type { FaultEvent, StateChangeEvent } from '../../dist/components/events.js';
import { CORE_PRODUCER } from '../../dist/components/shared/producer-link.js';
import { configureMessages } from '../../dist/core/messages.js';
import { unhandled } from './gone-support.js';
import {
  announced,
  begin,
  GIVEN,
  insert,
  live,
  part,
  picture,
  place,
  producer,
  publisher,
  reached,
  ready,
  server,
  SERVER,
  textOf,
  tidy,
  type OaStreamPublisher,
} from './stream-publisher-support.js';
import { waitUntil } from './wait.js';

/** The file is a script: it leaves its name on the page. */
const { axe } = globalThis as unknown as {
  axe: {
    setup(at: Element): void;
    teardown(): void;
    commons: { aria: { getRole(node: object): string | null } };
    utils: { getNodeFromTree(node: Element): object };
  };
};

const uncaught = unhandled();
const button = () => part('live-button') as HTMLButtonElement;
/** The connection that monitors of the producer look at. */
const known = () => producer()[CORE_PRODUCER].store.get().connection;
const states = (element: OaStreamPublisher) => {
  const seen: string[] = [];
  element.addEventListener('oa-statechange', ({ state, previous }) => {
    expect(element.state).to.equal(state);
    seen.push(`${previous} ${state}`);
  });
  return seen;
};

/** When every transition has ended: colours in between are not for reading. */
async function still({ shadowRoot }: OaStreamPublisher): Promise<void> {
  while (shadowRoot!.getAnimations().length > 0)
    await Promise.allSettled(shadowRoot!.getAnimations().map(({ finished }) => finished));
}

beforeEach(begin);
afterEach(async () => {
  await tidy();
  expect(uncaught.length).to.equal(0);
});

describe('stream-publisher', () => {
  it('loads what a broadcast takes once it knows where to go, before anybody starts it', async () => {
    const element = await insert('<stream-publisher></stream-publisher>');
    const root = element.shadowRoot!;
    const { length } = root.adoptedStyleSheets;
    element.src = `${SERVER}/room`;
    // Its styles come with it.
    await waitUntil(() => root.adoptedStyleSheets.length > length);
    expect(element.state).to.equal('idle');
  });

  it('says what is missing, in this order: a producer, an address, something to publish', async () => {
    const element = await insert('<stream-publisher></stream-publisher>');
    expect(textOf(part('hint'))).to.match(/^There is no producer/);
    expect(button().getAttribute('aria-disabled')).to.equal('true');
    const around = document.createElement('media-producer');
    place.append(around);
    around.append(element);
    await waitUntil(() => /^There is no address/.test(textOf(part('hint'))));
    element.src = `${SERVER}/room`;
    await element.updateComplete;
    expect(textOf(part('hint'))).to.match(/^There is nothing to publish/);
    button().click();
    await element.updateComplete;
    expect(announced()).to.match(/^There is nothing to publish/);
    expect(element.state).to.equal('idle');
    producer().srcObject = picture();
    await waitUntil(() => /^Ready/.test(textOf(part('hint'))));
    expect(button().hasAttribute('aria-disabled')).to.equal(false);
    await expect(element).to.be.accessible();
  });

  it('goes live by its button: media arrives, figures are shown, and it ends by the same button', async () => {
    const element = await ready();
    const seen = states(element);
    button().focus();
    button().click();
    await reached(element, 'live');
    await waitUntil(() => textOf(part('picture')).startsWith('320'));
    expect(element.matches(':state(live)')).to.equal(true);
    expect(await server.frames()).to.be.greaterThan(0);
    expect(textOf(part('status'))).to.equal('Live');
    expect(textOf(part('time'))).to.match(/^\d/);
    await waitUntil(() => /b\/s$/.test(textOf(part('bitrate'))), 'a bitrate');
    await waitUntil(() => /^\d.* ms$/.test(textOf(part('trip'))), 'a round trip');
    // What is lost, and how many pictures there are, is of two looks: a round trip comes with the first.
    await waitUntil(() => /^\d.*\s?%$/.test(textOf(part('lost'))), 'what is lost');
    await waitUntil(() => /^320 × 240, \d+ fps$/.test(textOf(part('picture'))), 'pictures a second');
    expect(announced()).to.equal('You are live.');
    expect(textOf(button())).to.equal('Stop');
    expect(element.shadowRoot!.activeElement === button()).to.equal(true);
    button().click();
    await waitUntil(() => server.sessions.size === 0);
    await reached(element, 'idle');
    expect(seen).to.deep.equal(['idle connecting', 'connecting live', 'live idle']);
    expect(
      producer()
        .stream!.getTracks()
        .map(({ readyState }) => readyState),
    ).to.deep.equal(['live']);
    expect(part('figures')).to.equal(null);
  });

  it('is accessible while it is live, coming back and failed, light and dark', async () => {
    const element = await ready();
    element.style.backgroundColor = 'Canvas';
    const accessible = async (state: string) => {
      for (const scheme of ['light', 'dark']) {
        element.style.colorScheme = scheme;
        await still(element);
        expect(element.state, scheme).to.equal(state);
        await expect(element).to.be.accessible();
      }
    };
    await element.start();
    await waitUntil(() => textOf(part('picture')).startsWith('320'));
    await accessible('live');
    server.down = true;
    server.forget();
    await reached(element, 'recovering');
    await waitUntil(() => textOf(part('error')) !== '');
    await waitUntil(() => /^attempt \d+$/.test(textOf(part('attempt'))), 'the second attempt, or one after it');
    await accessible('recovering');
    await element.stop();
    server.down = false;
    // The session that is gone may be ended again before there is another.
    const refuse = () => new Response('', { status: 404 });
    server.answers.push(refuse, refuse);
    await element.start().catch(() => {});
    await element.updateComplete;
    await accessible('failed');
  });

  it('has a group, a button, terms with their values and one polite announcer', async () => {
    const element = await live();
    axe.setup(element);
    const roles = (selector: string) =>
      [...element.shadowRoot!.querySelectorAll(selector)].map((one) =>
        axe.commons.aria.getRole(axe.utils.getNodeFromTree(one)),
      );
    expect(roles('.frame')).to.deep.equal(['group']);
    expect(roles('button')).to.deep.equal(['button']);
    expect(new Set(roles('dt'))).to.deep.equal(new Set(['term']));
    expect(new Set(roles('dd'))).to.deep.equal(new Set(['definition']));
    expect(roles('.unseen')).to.deep.equal(['status']);
    axe.teardown();
    expect(part('frame')!.ariaLabel ?? part('frame')!.getAttribute('aria-label')).to.equal('Broadcast');
  });

  it('says that it is interrupted, and comes back', async () => {
    const element = await live();
    const told: FaultEvent[] = [];
    place.addEventListener('oa-error', (event) => told.push(event));
    // It may be over in a moment.
    const interrupted = new Promise((resolve) => {
      element.addEventListener('oa-statechange', ({ state }) => {
        if (state === 'recovering') resolve(element.updateComplete.then(look));
      });
    });
    const look = () => {
      expect(textOf(part('status'))).to.match(/^Interrupted, coming back/);
      expect(element.reason).to.be.a('string');
      expect(element.attempt).to.be.greaterThan(0);
      expect(textOf(part('error'))).to.match(/^The broadcast was interrupted/);
    };
    server.forget();
    await interrupted;
    await reached(element, 'live');
    expect(announced()).to.equal('You are live again.');
    expect(element.error).to.equal(null);
    expect(told.map(({ code, fatal, source }) => [code, fatal, source === element])).to.deep.equal([
      ['stream-lost', false, true],
    ]);
    await waitUntil(() => /^1 ×, last in /.test(textOf(part('recoveries'))));
    expect(server.sessions.size).to.equal(1);
  });

  it('tells a fault by event, property, visible text and announcer, and rejects quietly', async () => {
    const element = await ready();
    server.answers.push(() => new Response('', { status: 403 }));
    const fault = oneEvent(place, 'oa-error') as Promise<FaultEvent>;
    void element.start();
    const { code, fatal, source, message } = await fault;
    expect([code, fatal, source === element]).to.deep.equal(['in-use', true, true]);
    await element.updateComplete;
    expect(element.state).to.equal('failed');
    expect(element.error!.code).to.equal('in-use');
    expect(textOf(part('error'))).to.equal(message);
    expect(announced()).to.equal(message);
    expect(textOf(button())).to.equal('Go live');
  });

  it('comes back by another policy, where it is given one', async () => {
    const element = await ready();
    element.recovery = { nextStep: () => ({ do: 'fail' }) };
    server.answers.push(() => new Response('', { status: 503 }));
    const code = await element.start().catch((error: { code: string }) => error.code);
    expect([code, element.state, server.requests.length]).to.deep.equal(['server-busy', 'failed', 1]);
  });

  it('speaks the nearest language, faults too', async () => {
    configureMessages('de', { 'publisher.start': 'Auf Sendung', 'in-use': 'Besetzt ({status}).' });
    document.documentElement.lang = 'de';
    const element = await ready();
    expect(textOf(button())).to.equal('Auf Sendung');
    server.answers.push(() => new Response('', { status: 403 }));
    await element.start().catch(() => {});
    await element.updateComplete;
    expect(textOf(part('error'))).to.equal('Besetzt (403).');
  });

  it('never shows its token, and sends it with every request', async () => {
    const element = await ready();
    element.token = 'secret';
    await element.updateComplete;
    expect(element.outerHTML).not.to.include('secret');
    await element.start();
    await waitUntil(() => server.requests.some(({ method }) => method === 'PATCH'));
    await element.stop();
    expect(element.shadowRoot!.innerHTML).not.to.include('secret');
    expect([...new Set(server.requests.map(({ headers }) => headers.get('Authorization')))]).to.deep.equal([
      'Bearer secret',
    ]);
  });

  it('stays live when it is moved, and ends when it is removed', async () => {
    const element = await live();
    const box = document.createElement('div');
    producer().append(box);
    box.append(element);
    await new Promise((resolve) => setTimeout(resolve));
    expect(element.state).to.equal('live');
    expect(server.sessions.size).to.equal(1);
    element.remove();
    await waitUntil(() => server.sessions.size === 0);
    expect(element.state).to.equal('idle');
    box.append(element);
    await element.start();
    expect(element.state).to.equal('live');
  });

  it('goes live as soon as its producer is, with autostart, and once', async () => {
    const element = await insert(GIVEN.replace('src', 'autostart src'));
    producer().srcObject = picture();
    await reached(element, 'live');
    await element.stop();
    await element.updateComplete;
    expect(element.state).to.equal('idle');
  });

  it('waits with autostart for an address that comes later, as a string or as a URL', async () => {
    const element = await insert(GIVEN.replace('src', 'autostart src'));
    const faults: Event[] = [];
    element.addEventListener('oa-error', (event) => faults.push(event));
    // As a framework does that has no value for it.
    Object.assign(element, { src: undefined });
    producer().srcObject = picture();
    await element.updateComplete;
    expect(textOf(part('hint'))).to.match(/^There is no address/);
    expect([element.state, faults]).to.deep.equal(['idle', []]);
    Object.assign(element, { src: new URL(`${SERVER}/room`, location.href) });
    await reached(element, 'live');
  });

  it('ends when its producer stops', async () => {
    const element = await live();
    producer().stop();
    await reached(element, 'ended');
    await waitUntil(() => server.sessions.size === 0);
    expect(announced()).to.match(/^The broadcast has ended/);
    producer().srcObject = picture();
    await element.updateComplete;
    await element.start();
    expect(element.state).to.equal('live');
  });

  it('finds its producer by for, by property, whichever comes first, and takes commands', async () => {
    const element = await insert(
      `<stream-publisher for="p" src="${SERVER}/room"></stream-publisher>
       <button command="--start"></button><div id="later"></div>`,
    );
    const late = document.createElement('media-producer');
    late.id = 'p';
    place.querySelector('#later')!.append(late);
    late.srcObject = picture();
    await waitUntil(() => /^Ready/.test(textOf(part('hint'))));
    element.dispatchEvent(Object.assign(new Event('command'), { command: '--start' }));
    await reached(element, 'live');
    element.dispatchEvent(Object.assign(new Event('command'), { command: '--stop' }));
    await reached(element, 'idle');
    element.htmlFor = '';
    element.producer = late;
    await element.updateComplete;
    await element.start();
    expect(element.state).to.equal('live');
  });

  it('publishes the same producer to two servers, and a second definition does not throw', async () => {
    await ready(
      GIVEN.replace(
        '</stream-publisher>',
        `</stream-publisher><stream-publisher src="${SERVER}/b"></stream-publisher>`,
      ),
    );
    const both = [...place.querySelectorAll<OaStreamPublisher>('stream-publisher')];
    for (const element of both) await element.start();
    expect(server.sessions.size).to.equal(2);
    const first = known();
    expect(first?.connectionState).to.equal('connected');
    await both[0]!.stop();
    expect(both[1]!.state).to.equal('live');
    await waitUntil(() => known()?.connectionState === 'connected', 'the other connection is known to monitors');
    expect(known() === first).to.equal(false);
    const again = `../../dist/define/stream-publisher.js?again`;
    await import(again);
    expect(customElements.get('stream-publisher') === publisher().constructor).to.equal(true);
  });

  it('sends the codec that is preferred, where the browser has it', async () => {
    const has = (name: string) =>
      RTCRtpSender.getCapabilities('video')!.codecs.some(({ mimeType }) => mimeType.toLowerCase() === `video/${name}`);
    for (const name of ['vp8', 'h264'].filter(has)) {
      const element = await live(GIVEN.replace('src', `codec="${name}" src`));
      await waitUntil(() => element.stats!.codec?.toLowerCase().endsWith(name), `${name}, not ${element.stats!.codec}`);
      await element.stop();
      place.remove();
    }
  });

  it('takes what makes no sense for the default, and bounds at once', async () => {
    const element = await live(GIVEN.replace('src', 'max-bitrate="much" codec="none" max-frame-rate="-1" src'));
    const bounds = () =>
      known()!
        .getSenders()
        .find(({ track }) => track?.kind === 'video')!
        .getParameters().encodings;
    const bound = (name: 'maxBitrate' | 'maxFramerate', value: number) =>
      waitUntil(() => bounds()[0]![name] === value, `${name} of ${value}: ${JSON.stringify(bounds())}`);
    element.maxBitrate = 200_000;
    await bound('maxBitrate', 200_000);
    element.maxFrameRate = 10;
    await bound('maxFramerate', 10);
    await element.stop();
    expect(element.state).to.equal('idle');
  });

  it('joins a start, and a stop before it is live gives it up', async () => {
    const element = await ready();
    let answer!: (response: Response) => void;
    server.answers.push(() => new Promise((resolve) => (answer = resolve)));
    const starting = element.start();
    expect(element.start()).to.equal(starting);
    const changed = oneEvent(element, 'oa-statechange') as Promise<StateChangeEvent>;
    await waitUntil(() => server.requests.length === 1);
    const over = element.stop();
    expect((await changed).state).to.equal('idle');
    const code = await starting.then(
      () => 'done',
      (error: { code: string }) => error.code,
    );
    expect(code).to.equal('aborted');
    // The server may have begun something yet.
    answer(new Response('', { status: 500 }));
    await over;
  });
});
