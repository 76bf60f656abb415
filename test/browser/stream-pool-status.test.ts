import { aTimeout, expect, nextFrame, oneEvent } from '@open-wc/testing';
import 'axe-core/axe.min.js';
import '../../dist/define/media-producer.js';
import '../../dist/define/stream-pool-status.js';
import { PoolChangeEvent } from '../../dist/components/events.js';
import type { OaStreamPoolStatus } from '../../dist/components/stream-pool-status/stream-pool-status.js';
import { streamPool } from '../../dist/core/capture/index.js';
import { configureMessages } from '../../dist/core/messages.js';
import { answerWith, producer, tidy } from './media-producer-support.js';
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

const CAMERA = { video: 'camera', audio: [] } as const;
const BOTH = { video: 'camera', audio: ['microphone'] } as const;
const SOUND = { video: 'none', audio: ['microphone'] } as const;

const places: Element[] = [];

async function status(markup = '<stream-pool-status view="full"></stream-pool-status>'): Promise<OaStreamPoolStatus> {
  const place = document.createElement('div');
  place.innerHTML = markup;
  places.push(place);
  document.body.append(place);
  const element = place.querySelector<OaStreamPoolStatus>('stream-pool-status')!;
  await element.updateComplete;
  return element;
}

const pool = streamPool();
const textOf = (node: Element) => node.textContent.replace(/\s+/g, ' ').trim();
const all = <E extends HTMLElement>(element: Element, selector: string): E[] => [
  ...element.shadowRoot!.querySelectorAll<E>(selector),
];
const part = (element: Element, name: string) => all(element, `[part~="${name}"]`)[0];
const rows = (element: Element) => all<HTMLTableRowElement>(element, 'tbody tr');
const focused = (element: Element) => element.shadowRoot!.activeElement as HTMLElement | null;
const announced = (element: Element) => textOf(element.shadowRoot!.querySelector('[role="status"]')!);
const nameOf = (button: HTMLElement) => button.ariaLabel ?? textOf(button);
const button = (element: Element, name: string) =>
  all<HTMLButtonElement>(element, 'button').find((one) => nameOf(one) === name);

/** Kept for the next start. */
const park = async (config: Parameters<typeof pool.acquire>[0], keepWarm = 60) =>
  (await pool.acquire(config, { keepWarm })).release();

afterEach(async () => {
  pool.releaseAll();
  for (const place of places.splice(0)) place.remove();
  await tidy();
});

describe('stream-pool-status', () => {
  it('says that nothing is open, and touches no device', async () => {
    const asked = answerWith((real) => real());
    const element = await status('<stream-pool-status></stream-pool-status>');
    asked.restore();
    expect(asked.count).to.equal(0);
    expect(element.matches(':state(empty)')).to.equal(true);
    expect(textOf(part(element, 'line')!)).to.match(/^No device is open/);
    element.view = 'full';
    await element.updateComplete;
    expect(textOf(part(element, 'empty')!)).to.match(/^No device is open\. What producers capture/);
    await expect(element).to.be.accessible();
    const own = await status('<stream-pool-status view="full"><p slot="empty">Quiet</p></stream-pool-status>');
    expect(own.querySelector('p')!.assignedSlot).to.be.ok;
  });

  it('tells in one line how many are live and kept, and how often none had to be opened', async () => {
    const element = await status('<stream-pool-status view="something"></stream-pool-status>');
    const lease = await pool.acquire(BOTH);
    await pool.acquire(BOTH);
    await park(SOUND);
    await element.updateComplete;
    expect(textOf(part(element, 'line')!)).to.match(/^1 live 1 kept \d+% reused/);
    for (const state of ['live', 'parked']) expect(element.matches(`:state(${state})`), state).to.equal(true);
    await expect(element).to.be.accessible();
    lease.release();
    button(element, 'Release all that is kept')!.click();
    await element.updateComplete;
    expect(textOf(part(element, 'line')!)).to.match(/^1 live \d+% reused$/);
    expect(announced(element)).to.equal('All that was kept is released.');
  });

  it('gives each stream a row: what it is, its state and why, how old it is and how long it is kept', async () => {
    const element = await status();
    const held = await Promise.all([pool.acquire(BOTH), pool.acquire(BOTH), pool.acquire(CAMERA)]);
    await park(SOUND, 300);
    await element.updateComplete;
    const [both, camera, sound] = rows(element).map((row) => [...row.cells].map(textOf));
    const { video, audio } = held[0].capture;
    const labels = [video!, ...audio].map((track) => track.label).join(', ');
    expect(both![0]).to.equal(`camera and microphone ${labels}`);
    expect(both![1]).to.equal('Live Used by 2, opened once');
    expect(camera![1]).to.equal('Live Used by one');
    expect(camera![3]).to.equal('–not while it is used');
    expect(sound![1]).to.equal('Kept For the next start');
    expect(sound![2]).to.match(/^\ds$/);
    expect(sound![3]).to.match(/^(5m 0s|4m 5\ds)$/);
    expect([both, camera, sound].map((row) => row![4])).to.deep.equal(['', '', 'Release']);
  });

  it('is a table with a caption and heads, to the ear too', async () => {
    const element = await status();
    await pool.acquire(CAMERA);
    await park(SOUND);
    await element.updateComplete;
    for (const inlineSize of ['800px', '300px']) {
      element.style.inlineSize = inlineSize;
      axe.setup(element);
      const roles = (selector: string) =>
        all(element, selector).map((one) => axe.commons.aria.getRole(axe.utils.getNodeFromTree(one)));
      expect(roles('section')).to.deep.equal(['region']);
      expect(roles('table')).to.deep.equal(['table']);
      expect(roles('tr')).to.deep.equal(['row', 'row', 'row']);
      expect(roles('thead th')).to.deep.equal(Array(5).fill('columnheader'));
      expect(roles('tbody th')).to.deep.equal(['rowheader', 'rowheader']);
      expect(roles('td')).to.deep.equal(Array(8).fill('cell'));
      expect(roles('.unseen[role]')).to.deep.equal(['status']);
      axe.teardown();
    }
    const table = all<HTMLTableElement>(element, 'table')[0]!;
    expect(textOf(table.caption!)).to.equal('Open devices');
    expect(textOf(table.tHead!)).to.equal('Devices State Since Closes in Action');
  });

  for (const scheme of ['light', 'dark']) {
    it(`is accessible with rows of every kind, ${scheme}`, async () => {
      const element = await status();
      element.style.colorScheme = scheme;
      element.style.backgroundColor = 'Canvas';
      await pool.acquire(CAMERA);
      await park(SOUND);
      await park(BOTH);
      let grant!: () => void;
      const granted = new Promise<void>((resolve) => (grant = resolve));
      const asked = answerWith((real) => granted.then(real));
      const pending = pool.acquire({ ...CAMERA, width: 320 });
      await element.updateComplete;
      expect(rows(element).map((row) => row.className)).to.have.members(['live', 'parked', 'parked', 'pending']);
      await expect(element).to.be.accessible();
      element.style.inlineSize = '300px';
      await expect(element).to.be.accessible();
      asked.restore();
      grant();
      await pending;
    });
  }

  it('fits into 240 px, with text at 200 % too', async () => {
    const element = await status();
    await pool.acquire(BOTH);
    await park(CAMERA);
    await park(SOUND);
    for (const view of ['full', 'compact']) {
      element.view = view;
      await element.updateComplete;
      for (const size of ['100%', '200%']) {
        document.documentElement.style.fontSize = size;
        element.style.inlineSize = '240px';
        await nextFrame();
        const box = element.getBoundingClientRect();
        for (const inner of all(element, 'td, tbody th, dl, dt, dd, caption, button, .state, .figures')) {
          const { left, right, width } = inner.getBoundingClientRect();
          if (width === 0) continue;
          expect(left, inner.outerHTML).to.be.at.least(box.left - 0.5);
          expect(right, inner.outerHTML).to.be.at.most(box.right + 0.5);
        }
        for (const row of rows(element)) {
          const { bottom } = row.getBoundingClientRect();
          for (const cell of row.cells) expect(cell.getBoundingClientRect().bottom).to.be.at.most(bottom + 0.5);
        }
      }
      document.documentElement.style.fontSize = '';
    }
  });

  it('says while the person is asked that it waits for that', async () => {
    const element = await status();
    let grant!: () => void;
    const granted = new Promise<void>((resolve) => (grant = resolve));
    const asked = answerWith((real) => granted.then(real));
    const pending = pool.acquire(CAMERA);
    await element.updateComplete;
    expect(element.matches(':state(pending)')).to.equal(true);
    expect(textOf(rows(element)[0]!.cells[1]!)).to.equal('Waiting The browser asks, or opens it');
    grant();
    await pending;
    asked.restore();
    await element.updateComplete;
    expect(element.matches(':state(pending)')).to.equal(false);
    expect(textOf(rows(element)[0]!.cells[1]!)).to.equal('Live Used by one');
  });

  it('counts what the pool has done', async () => {
    const { created, reused, parked } = pool.store.get();
    const element = await status();
    await park(CAMERA);
    await park(CAMERA);
    await element.updateComplete;
    const figures: Record<string, string> = Object.fromEntries(
      all(element, 'dl div').map((pair) => [...pair.children].map(textOf) as [string, string]),
    );
    expect(figures).to.include({
      Opened: String(created + 1),
      'Used again': String(reused + 1),
      Kept: String(parked + 2),
    });
    const share = Math.round((100 * (reused + 1)) / (created + reused + 2));
    expect(figures['Share used again']).to.equal(`${share}%`);
  });

  it('follows producers of the page: shared, kept, and used again without asking', async () => {
    const element = await status();
    const markup = '<media-producer audio="none" keep-warm="60"></media-producer>';
    const [one, other] = [await producer(markup), await producer(markup)];
    const asked = answerWith((real) => real());
    await one.start();
    await other.start();
    expect(element.status.streams.map(({ state, leases }) => [state, leases])).to.deep.equal([['live', 2]]);
    one.stop();
    other.stop();
    expect(element.status.streams.map(({ state }) => state)).to.deep.equal(['parked']);
    await one.start();
    asked.restore();
    expect(asked.count).to.equal(1);
    expect(one.metrics!.pool).to.deep.equal({ created: 1, reused: 1, reuseRate: 0.5 });
  });
});

describe('releasing in stream-pool-status', () => {
  it('stops what is kept, and hands the focus to what is next to it', async () => {
    const element = await status();
    await park(CAMERA);
    await park(SOUND);
    await park(BOTH);
    await element.updateComplete;
    const press = async (name: string) => {
      const pressed = button(element, name)!;
      pressed.focus();
      pressed.click();
      await element.updateComplete;
    };
    await press('Release microphone');
    expect(rows(element).map((row) => textOf(row.querySelector('[part="name"]')!))).to.deep.equal([
      'camera',
      'camera and microphone',
    ]);
    expect(announced(element)).to.equal('Released: microphone.');
    expect(nameOf(focused(element)!)).to.equal('Release camera and microphone');
    await press('Release camera and microphone');
    expect(nameOf(focused(element)!), 'the one before, where none is behind').to.equal('Release camera');
    await press('Release camera');
    expect(focused(element)!.matches('section'), 'the whole, where nothing is left to press').to.equal(true);
    expect(document.activeElement).to.equal(element);
    expect(element.status.streams).to.deep.equal([]);
  });

  it('releases all at once, and leaves alone what is in use', async () => {
    const element = await status();
    const lease = await pool.acquire({ ...CAMERA, width: 320 });
    await park(CAMERA);
    await element.updateComplete;
    expect(button(element, 'Release all that is kept'), 'one has its own').to.equal(undefined);
    await park(SOUND);
    await element.updateComplete;
    const pressed = button(element, 'Release all that is kept')!;
    pressed.focus();
    pressed.click();
    await element.updateComplete;
    expect(element.status.streams.map(({ state }) => state)).to.deep.equal(['live']);
    expect(lease.stream.active).to.equal(true);
    expect(all(element, 'button')).to.deep.equal([]);
    expect(focused(element)!.matches('section')).to.equal(true);
  });

  it('keeps the focus when the row that has it goes by itself, or is used again', async () => {
    const element = await status();
    await park(CAMERA);
    await park(SOUND);
    await element.updateComplete;
    button(element, 'Release camera')!.focus();
    const lease = await pool.acquire(CAMERA);
    await element.updateComplete;
    expect(nameOf(focused(element)!)).to.equal('Release microphone');
    lease.release();
    pool.clear();
    await park(SOUND, 0.2);
    await element.updateComplete;
    button(element, 'Release microphone')!.focus();
    const { expired } = element.status;
    await waitUntil(() => element.status.expired === expired + 1, 'it grows too old');
    await element.updateComplete;
    expect(focused(element)!.matches('section')).to.equal(true);
  });
});

describe('the upkeep of stream-pool-status', () => {
  it('tells of each change after it can be read, and to nobody else', async () => {
    const element = await status();
    const heard: Event[] = [];
    const hear = (event: Event) => heard.push(event);
    document.body.addEventListener('oa-poolchange', hear);
    const told = oneEvent(element, 'oa-poolchange') as Promise<Event>;
    const pending = pool.acquire(CAMERA);
    const event = (await told) as PoolChangeEvent;
    expect(event).to.be.instanceOf(PoolChangeEvent);
    expect(event.bubbles).to.equal(false);
    const seen: boolean[] = [];
    element.addEventListener('oa-poolchange', ({ status: now }) => seen.push(now === element.status));
    (await pending).release();
    expect(seen.length).to.be.greaterThan(0);
    expect(seen).not.to.include(false);
    expect(heard).to.deep.equal([]);
    document.body.removeEventListener('oa-poolchange', hear);
  });

  it('tells of a lease of what is kept, and of its end, once and with its counters', async () => {
    const element = await status();
    await park(CAMERA);
    const { reused, parked } = element.status;
    const heard: unknown[] = [];
    element.addEventListener('oa-poolchange', ({ status: now }) =>
      heard.push([now.streams.map(({ state, leases }) => `${state} ${leases}`).join(), now.reused, now.parked]),
    );
    await park(CAMERA);
    expect(heard).to.deep.equal([
      ['live 1', reused + 1, parked],
      ['parked 0', reused + 1, parked + 1],
    ]);
  });

  it('has a clock only while something ages that can be seen', async () => {
    const running = new Set<number>();
    const { setInterval: set, clearInterval: clear } = window;
    window.setInterval = ((call: () => void, every: number) => {
      const timer = set(call, every);
      running.add(timer);
      return timer;
    }) as typeof setInterval;
    window.clearInterval = (timer) => {
      running.delete(timer as number);
      clear(timer);
    };
    let hidden = false;
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
    try {
      const element = await status();
      expect(running.size, 'nothing is open').to.equal(0);
      await pool.acquire(CAMERA);
      await element.updateComplete;
      expect(running.size, 'a row').to.equal(1);
      hidden = true;
      document.dispatchEvent(new Event('visibilitychange'));
      expect(running.size, 'hidden').to.equal(0);
      hidden = false;
      document.dispatchEvent(new Event('visibilitychange'));
      await element.updateComplete;
      expect(running.size, 'seen again').to.equal(1);
      for (const away of ['display: none', 'margin-block-start: 300vh']) {
        element.style.cssText = away;
        while (running.size > 0) await nextFrame();
        element.style.cssText = '';
        while (running.size === 0) await nextFrame();
      }
      element.view = 'compact';
      await element.updateComplete;
      expect(running.size, 'one line tells no age').to.equal(0);
      element.view = 'full';
      await element.updateComplete;
      element.remove();
      expect(running.size, 'removed').to.equal(0);
    } finally {
      delete (document as { hidden?: boolean }).hidden;
      Object.assign(window, { setInterval: set, clearInterval: clear });
    }
  });

  it('lets ages and times left go on, second by second', async () => {
    const element = await status();
    await park(CAMERA, 50);
    await element.updateComplete;
    const read = (name: string) => parseInt(textOf(part(element, name)!));
    const [age, left] = [read('age'), read('expiry')];
    await waitUntil(() => read('age') >= age + 2, 'it ages', { timeout: 10_000 });
    expect(read('expiry')).to.be.within(40, left - 1);
  });

  it('works on when it is moved, twice on a page, and hears nothing once it is removed', async () => {
    const [element, twin] = [await status(), await status()];
    const place = document.createElement('section');
    places.push(place);
    document.body.append(place);
    place.append(element);
    const lease = await pool.acquire(CAMERA);
    await Promise.all([element.updateComplete, twin.updateComplete]);
    expect([rows(element).length, rows(twin).length]).to.deep.equal([1, 1]);
    element.remove();
    let heard = 0;
    element.addEventListener('oa-poolchange', () => heard++);
    lease.release();
    await aTimeout(0);
    expect(heard).to.equal(0);
    place.append(element);
    await element.updateComplete;
    expect(rows(element).length).to.equal(0);
    expect(element.matches(':state(empty)')).to.equal(true);
  });

  it('speaks the nearest language', async () => {
    configureMessages('de', { 'pool.camera': 'Kamera', 'pool.microphone': 'Mikrofon', 'pool.live': 'In Gebrauch' });
    const element = await status('<div lang="de"><stream-pool-status view="full"></stream-pool-status></div>');
    await pool.acquire(BOTH);
    await element.updateComplete;
    expect(textOf(part(element, 'name')!)).to.equal('Kamera und Mikrofon');
    expect(textOf(part(element, 'state')!)).to.equal('In Gebrauch');
  });
});
