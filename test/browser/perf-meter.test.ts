import { expect, nextFrame, oneEvent } from '@open-wc/testing';
import { sendKeys } from '@web/test-runner-commands';
import { render } from 'lit';
import '../../dist/define/audio-level.js';
import '../../dist/define/media-producer.js';
import '../../dist/define/perf-meter.js';
import '../../dist/define/stream-recorder.js';
import type { FaultEvent, HealthChangeEvent } from '../../dist/components/events.js';
import { Meter } from '../../dist/components/perf-meter/meter.js';
import type { OaPerfMeter } from '../../dist/components/perf-meter/perf-meter.js';
import { CORE_PRODUCER } from '../../dist/components/shared/producer-link.js';
import { words, type Word } from '../../dist/components/perf-meter/words.js';
import { configureMessages } from '../../dist/core/messages.js';
import { runsOf } from '../../dist/core/metrics/index.js';
import { THRESHOLDS, type Measure, type Threshold, type Thresholds } from '../../dist/core/monitor/index.js';
import { Belongings, Remains } from './leaks-support.js';
import { insert, live, PATIENCE, picture, place, producer, tidy } from './stream-recorder-support.js';
import { waitUntil } from './wait.js';

const TAKE =
  '<media-producer no-preview><stream-recorder></stream-recorder><perf-meter interval="0.25"></perf-meter></media-producer>';

const meter = () => place.querySelector<OaPerfMeter>('perf-meter')!;
const textOf = (node: Element | null | undefined) => (node?.textContent ?? '').replace(/\s+/g, ' ').trim();
const part = (name: string) => meter().shadowRoot!.querySelector<HTMLElement>(`[part~="${name}"]`);
const parts = (name: string) => [...meter().shadowRoot!.querySelectorAll<HTMLElement>(`[part~="${name}"]`)];

/** Until something is shown. */
async function shown(): Promise<OaPerfMeter> {
  await waitUntil(() => part('line'), 'a line', PATIENCE);
  return meter();
}

async function reached(state: string): Promise<void> {
  await waitUntil(() => meter().state === state, `state ${state}`, PATIENCE);
  await meter().updateComplete;
}

/** What pushes is loaded on demand: the page goes again and again until it does. */
function leaves(until: () => boolean, what: string): Promise<void> {
  const look = () => {
    window.dispatchEvent(new Event('pagehide'));
    return until();
  };
  return waitUntil(look, what, PATIENCE);
}

/** Has the page hidden, as far as it can tell. */
function hide(hidden: boolean): void {
  if (hidden) Object.defineProperty(document, 'hidden', { value: true, configurable: true });
  else Reflect.deleteProperty(document, 'hidden');
  document.dispatchEvent(new Event('visibilitychange'));
}

function block(seconds: number): void {
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end);
}

/** Limits that a share of the time has always passed, and never. */
const ALWAYS: Threshold = { warn: -1, bad: 1e9 };
/** A connection of whose packets every second one is lost. */
const LOSSY = {
  getStats: async () =>
    new Map([
      ['1', { type: 'outbound-rtp', bytesSent: performance.now() }],
      ['2', { type: 'remote-inbound-rtp', fractionLost: 0.5 }],
    ]),
} as unknown as RTCPeerConnection;

const NEVER: Threshold = { warn: 1e9, bad: 1e10 };

/** Finds nothing but by this measure: what a busy machine does not show in time is a finding, too, and true. */
const only = (measure: Measure, limit: Threshold): Thresholds => ({
  ...(Object.fromEntries(
    Object.keys(THRESHOLDS).map((name) => [name, { warn: Infinity, bad: Infinity }]),
  ) as unknown as Thresholds),
  [measure]: limit,
});

/** All states and causes that are told from now on: [state, previous, cause]. */
function changes(): [string, string, string | null][] {
  const told: [string, string, string | null][] = [];
  meter().addEventListener('oa-statechange', (event) => {
    const { state, previous, cause } = event as HealthChangeEvent;
    told.push([state, previous, cause]);
  });
  return told;
}

/** Until web vitals are followed: that knows no end, and is for all meters. */
const followed = () => waitUntil(() => Symbol.for('onair/web-vitals@1') in globalThis, 'web vitals', PATIENCE);

/** Until so many seconds are over: the meter looks at what it looks at, whatever this page does. */
function passed(seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1000;
  return waitUntil(() => performance.now() > end, `${seconds} s`, PATIENCE);
}

/** The one sentence for what was found, whatever its figures; for nothing, how a take goes. */
function sentence(measure: Measure | null): RegExp {
  const lost = 'nothing is lost|\\d\\S*\\s?% of frames lost|losses not measured';
  if (!measure) return new RegExp(`^(No trouble found|\\d+ frames a second(, \\d\\S*\\s\\S+, (${lost}))?)\\.$`);
  const text = words[`perf.${measure.replace(':', '.')}` as Word];
  return new RegExp(`^${text.replace(/\{\w+\}/g, '\\d.*')}$`);
}

/** Twenty meters, a line and a table by turns, all of which can be seen. */
async function mountAndRemove(remains: Remains): Promise<void> {
  const tags = ['', 'view="full"']
    .map((view) => `<perf-meter ${view} interval="0.05" trace style="position: fixed; inset: 0"></perf-meter>`)
    .join('')
    .repeat(10);
  place.innerHTML = `<media-producer no-preview>${tags}</media-producer>`;
  const meters = [...place.querySelectorAll('perf-meter')];
  while (!meters.every((element) => element.snapshot())) await nextFrame();
  remains.watch(...meters);
  place.textContent = '';
  await nextFrame();
}

describe('perf-meter', () => {
  afterEach(tidy);

  it('says in one line that nothing goes on, and is accessible', async () => {
    await insert('<media-producer></media-producer><perf-meter></perf-meter>');
    const element = await shown();
    await reached('idle');
    expect(textOf(part('line'))).to.equal('Off Nothing is captured or recorded.');
    expect([element.cause, element.matches(':state(idle)')]).to.deep.equal([null, true]);
    await expect(element).to.be.accessible();
  });

  it('tells of a take how it goes, by an event once it can be read', async () => {
    const recorder = await insert(TAKE);
    const told: string[] = [];
    let bubbled = 0;
    await shown();
    place.addEventListener('oa-statechange', () => bubbled++);
    meter().addEventListener('oa-statechange', (event) => {
      const { state, previous, cause } = event as HealthChangeEvent;
      const now = meter().state === state && meter().cause === cause && meter().matches(`:state(${state})`);
      told.push([previous, state, now].join());
    });
    producer().srcObject = picture();
    await waitUntil(() => told.length > 0, 'a change', PATIENCE);
    await recorder.start();
    await waitUntil(() => meter().snapshot()!.disk.bitrate !== null, 'what is written', PATIENCE);
    for (const change of told) expect(change).to.match(/^(idle|ok|warn|bad),(idle|ok|warn|bad),true$/);
    expect(bubbled).to.equal(0);
    expect(meter().state, 'a take runs').not.to.equal('idle');
    await meter().updateComplete;
    const { diagnosis } = meter().snapshot()!;
    expect(textOf(part('summary'))).to.match(sentence(diagnosis.findings[0]?.measure ?? null));
    const running = () => runsOf(producer()[CORE_PRODUCER].metrics!).size;
    expect(running()).to.equal(1);
    recorder.pause();
    await waitUntil(() => recorder.state === 'paused', 'a pause', PATIENCE);
    expect(running()).to.equal(0);
    recorder.resume();
    await waitUntil(() => recorder.state === 'recording', 'the end of the pause', PATIENCE);
    expect(running()).to.equal(1);
    await recorder.stop();
    expect(running()).to.equal(0);
  });

  it('is not off while a camera is on that nobody counts', async () => {
    await insert('<media-producer no-preview></media-producer><perf-meter interval="0.1"></perf-meter>');
    await shown();
    expect(meter().state).to.equal('idle');
    producer().srcObject = picture();
    meter().producer = producer();
    await waitUntil(() => meter().snapshot()!.active && meter().state !== 'idle', 'another state', PATIENCE);
    producer().srcObject = null;
    await reached('idle');
  });

  it('says what is worse at once, with its cause, and what is better when it lasts', async () => {
    await insert('<perf-meter interval="0.1"></perf-meter>');
    await shown();
    await waitUntil(() => meter().snapshot()!.window > 1, 'a window', PATIENCE);
    const status = () => meter().shadowRoot!.querySelector('[role=status]');
    const said: string[] = [];
    const observer = new MutationObserver(() => said.push(textOf(status())));
    observer.observe(status()!, { childList: true, characterData: true, subtree: true });
    const looks = async (count: number, blocked: Threshold) => {
      meter().thresholds = { 'page:blocked': blocked };
      for (let look = 0; look < count; look++) {
        const { at } = meter().snapshot()!;
        await waitUntil(() => meter().snapshot()!.at > at, 'a look', PATIENCE);
      }
      await meter().updateComplete;
    };
    try {
      await looks(2, ALWAYS);
      expect(said.splice(0)).to.have.lengthOf(1);
      expect(textOf(status())).to.match(/^Warning: Page blocked \d+\s?% of the time$/);
      // About its limit, there and back.
      for (let turn = 0; turn < 3; turn++) {
        await looks(1, NEVER);
        await looks(1, ALWAYS);
      }
      expect(said.splice(0)).to.deep.equal([]);
      await looks(5, NEVER);
      expect(said.splice(0)).to.deep.equal(['Off: Nothing is captured or recorded.']);
    } finally {
      observer.disconnect();
    }
  });

  it('renders a line only when it says something else', async () => {
    await insert('<perf-meter interval="0.05"></perf-meter>');
    await shown();
    meter().thresholds = { 'page:blocked': NEVER };
    await reached('idle');
    let updates = 0;
    const { performUpdate } = meter() as unknown as { performUpdate(): void };
    Object.assign(meter(), {
      performUpdate() {
        updates++;
        performUpdate.call(meter());
      },
    });
    const { at } = meter().snapshot()!;
    await waitUntil(() => meter().snapshot()!.at > at + 1000, 'twenty looks', PATIENCE);
    expect(meter().state).to.equal('idle');
    expect(updates).to.equal(0);
    const section = part('line')!.closest('section')!;
    section.dispatchEvent(new PointerEvent('pointerenter'));
    expect(section.title).to.match(/^This meter takes .+ of each second\.$/);
  });

  it('says another bitrate once it is another by a twentieth, and in the table whatever it is', async () => {
    await insert('<media-producer></media-producer><div></div>');
    producer().srcObject = picture();
    await waitUntil(() => producer().metrics !== null, 'what counts', PATIENCE);
    const core = producer()[CORE_PRODUCER];
    const ended = { looked() {}, changed() {}, failed() {}, mended() {} };
    const one = new Meter({ producer: () => core, preview: () => null, ...ended });
    const line = () => {
      const template = one.render(false, 'en', () => {});
      render(template, place.querySelector('div')!);
      return textOf(place.querySelector('[part="summary"]'));
    };
    one.thresholds = only('page:blocked', NEVER);
    one.monitor.look();
    await passed(1.1);
    const written = (bits: number) => {
      core.metrics!.counter('record:seconds').add(1);
      core.metrics!.counter('bytes:written').add(bits / 8);
      core.metrics!.counter('frames:seconds').add(1);
      core.metrics!.counter('frames:captured').add(30);
      core.metrics!.counter('frames:taken').add(30);
      one.monitor.look();
    };
    written(1.04e6);
    expect(one.renews(false, 'en')).to.equal(true);
    expect(line()).to.match(/, 1\sMb\/s, nothing is lost\.$/);
    // The mean of all that was written: 1.08, which is rounded to something else.
    written(1.12e6);
    expect(one.renews(false, 'en'), 'by 4 %').to.equal(false);
    expect(one.renews(true, 'en')).to.equal(true);
    written(1.2e6);
    expect(one.renews(false, 'en'), 'by 8 %').to.equal(true);
    expect(line()).to.match(/, 1\.1\sMb\/s, nothing is lost\.$/);
  });

  it('says that the page is blocked, and that it is no longer', async () => {
    await insert('<perf-meter interval="0.25"></perf-meter>');
    await shown();
    await waitUntil(() => meter().snapshot()!.window > 0.5, 'a window', PATIENCE);
    meter().thresholds = only('page:blocked', THRESHOLDS['page:blocked']);
    const before = meter().state;
    const told = changes();
    setTimeout(() => block(1.5));
    await reached('bad');
    expect(meter().cause).to.equal('page');
    // Firefox says of no script that it was slow.
    const blamed = PerformanceObserver.supportedEntryTypes.includes('long-animation-frame');
    if (blamed) expect(textOf(part('blame'))).to.match(/^Slowest: \S+/);
    else expect(part('blame')).to.equal(null);
    expect(textOf(part('state'))).to.equal('Trouble');
    expect(textOf(part('summary'))).to.match(/^Page blocked \d+\s?% of the time$/);
    const said = textOf(meter().shadowRoot!.querySelector('[role=status]'));
    expect(said).to.match(/^Trouble: Page blocked \d+\s?% of the time$/);
    await reached('idle');
    const causes = { bad: 'page', warn: 'page', idle: null } as Record<string, string | null>;
    const states = told.map(([state]) => state);
    expect(states).to.include('bad').and.to.include('idle');
    expect(told).to.deep.equal(states.map((state, at) => [state, states[at - 1] ?? before, causes[state]]));
  });

  it('holds nothing against a camera that is paused, nor once it goes on', async () => {
    await insert(
      '<media-producer no-preview audio="none" width="640" height="480"><perf-meter interval="0.25"></perf-meter></media-producer>',
    );
    await shown();
    // Chromium's own makes 20 frames where it says 30, and fewer on a busy machine.
    meter().thresholds = only('capture:rate', { warn: 0.1, bad: 0.05 });
    const rate = () => meter().snapshot()!.capture.frameRate;
    await producer().start();
    await waitUntil(() => rate() !== null, 'what the camera tells', PATIENCE);
    const counts = rate() !== 'unsupported';
    await reached('ok');
    const told = changes();
    producer().pause();
    // Longer than figures are of.
    await passed(7);
    expect([rate(), meter().state, meter().cause]).to.deep.equal([counts ? null : 'unsupported', 'ok', null]);
    producer().resume();
    await waitUntil(() => rate() !== null, 'what the camera tells again', PATIENCE);
    if (counts) expect(rate()).to.be.greaterThan(5);
    await passed(2);
    expect([told, meter().state]).to.deep.equal([[], 'ok']);
  });

  it('knows the sound by an audio-level of the same producer, while that measures it', async () => {
    await insert(
      '<media-producer no-preview><audio-level></audio-level><perf-meter interval="0.25"></perf-meter></media-producer>',
    );
    await shown();
    meter().thresholds = only('audio:silent', { warn: 1, bad: 2 });
    const context = new AudioContext();
    const gain = new GainNode(context, { gain: 0 });
    const sound = new MediaStreamAudioDestinationNode(context);
    const tone = new OscillatorNode(context);
    tone.connect(gain).connect(sound);
    tone.start();
    const heard = () => meter().snapshot()!.audio;
    try {
      expect(heard()).to.equal(null);
      producer().srcObject = sound.stream;
      await reached('bad');
      expect(meter().cause).to.equal('audio');
      expect(meter().report()!.timed['asset:load']!.count, 'the worklet').to.equal(1);
      expect(textOf(part('summary'))).to.match(/^Microphone silent for \d/);
      producer().pause();
      await waitUntil(() => heard() === null, 'that nothing is measured', PATIENCE);
      await reached('ok');
      const told = changes();
      await passed(3);
      gain.gain.value = 0.5;
      producer().resume();
      await waitUntil(() => (heard()?.peak ?? -Infinity) > -20, 'the tone', PATIENCE);
      expect([told, meter().cause]).to.deep.equal([[], null]);
      place.querySelector('audio-level')!.remove();
      await waitUntil(() => heard() === null, 'that nobody measures it', PATIENCE);
      expect(producer()[CORE_PRODUCER].store.get().levels).to.equal(null);
    } finally {
      await context.close();
    }
  });

  it('shows every stage in the order of a frame, with what this browser cannot tell said so', async () => {
    await live(TAKE.replace('<perf-meter', '<perf-meter view="full"'));
    const element = await shown();
    const rows = () => parts('row');
    expect(rows().map((row) => textOf(row.querySelector('th')))).to.deep.equal([
      'Camera',
      'Preview',
      'Encoder',
      'Disk',
      'Network',
      'Page',
      'Memory',
    ]);
    const memory = () => textOf(rows()[6]!.querySelector('td'));
    if ('memory' in performance) expect(memory()).to.match(/\d MB/);
    else expect(memory()).to.equal('Not measured in this browser');
    await waitUntil(() => parts('trend').length > 0, 'a line of the last minute', PATIENCE);
    expect(parts('trend')[0]!.ariaLabel ?? parts('trend')[0]!.getAttribute('aria-label')).to.match(/^between .* and /);
    expect(textOf(part('cost'))).to.match(/^This meter takes .+ of each second\.$/);
    await expect(element).to.be.accessible();
  });

  it('goes by the thresholds that it is given', async () => {
    await insert('<perf-meter interval="0.1"></perf-meter>');
    await shown();
    await reached('idle');
    meter().thresholds = { 'page:blocked': { warn: -1, bad: 2 } };
    await reached('warn');
    expect(meter().cause).to.equal('page');
    meter().thresholds = {};
    await reached('idle');
  });

  it('counts from zero when asked to', async () => {
    await insert('<perf-meter view="full" interval="0.25"></perf-meter>');
    await shown();
    await waitUntil(() => meter().snapshot()!.uptime > 1, 'a second', PATIENCE);
    part('reset-button')!.click();
    await waitUntil(() => meter().snapshot()!.uptime < 1, 'zero', PATIENCE);
    expect(textOf(meter().shadowRoot!.querySelector('[role=status]'))).to.equal('Counted from zero.');
  });

  it('looks at nothing while it cannot be seen, or is removed, and goes on when it can', async () => {
    await insert('<perf-meter></perf-meter>');
    await shown();
    await followed();
    // All elements share what follows the language of the page: here is one more.
    place.innerHTML = '<media-producer></media-producer>';
    await nextFrame();
    const had = new Belongings();
    // Who waits by a timer would see its own.
    const until = async (holds: () => boolean) => {
      while (!holds()) await nextFrame();
    };
    const observers = () => [...had.observers].map(({ constructor }) => constructor.name);
    const runs = async () => {
      const at = meter().snapshot()?.at ?? 0;
      await until(() => had.timers.size > 0 && (meter().snapshot()?.at ?? 0) > at);
    };
    const rests = async (why: string) => {
      await until(() => had.timers.size === 0);
      const { at } = meter().snapshot()!;
      for (let frame = 0; frame < 20; frame++) await nextFrame();
      expect([...had.timers], `${why}: timers`).to.deep.equal([]);
      expect(observers(), `${why}: observers`).to.deep.equal(['IntersectionObserver']);
      expect(meter().snapshot()!.at, `${why}: looks`).to.equal(at);
    };
    try {
      const element = document.createElement('perf-meter');
      element.interval = 0.1;
      element.thresholds = only('page:blocked', { warn: Infinity, bad: Infinity });
      place.append(element);
      await runs();
      element.style.display = 'none';
      await rests('not displayed');
      element.style.display = '';
      await runs();
      element.style.marginBlockStart = '300vh';
      await rests('out of sight');
      element.style.marginBlockStart = '';
      await runs();
      element.remove();
      expect([[...had.timers], observers()], 'removed').to.deep.equal([[], []]);
      place.append(element);
      await runs();
    } finally {
      had.restore();
    }
  });

  it('is worked by keys, and keeps the focus where it is', async () => {
    await insert('<button>before</button><perf-meter view="full" interval="0.25"></perf-meter>');
    await shown();
    const focused = () => meter().shadowRoot!.activeElement;
    const open = (is: 'true' | 'false') =>
      waitUntil(() => part('charts-button')!.getAttribute('aria-expanded') === is, `open: ${is}`, PATIENCE);
    for (const press of ['Enter', ' ']) {
      place.querySelector('button')!.focus();
      await sendKeys({ press: 'Tab' });
      expect(focused(), press).to.equal(part('charts-button'));
      await sendKeys({ press });
      await open('true');
      await sendKeys({ press });
      await open('false');
      expect(focused(), press).to.equal(part('charts-button'));
      await sendKeys({ press: 'Tab' });
      expect(focused(), press).to.equal(part('reset-button'));
      await waitUntil(() => meter().snapshot()!.uptime > 2, 'two seconds', PATIENCE);
      await sendKeys({ press });
      await waitUntil(() => meter().snapshot()!.uptime < 2, 'zero', PATIENCE);
      expect(textOf(meter().shadowRoot!.querySelector('[role=status]'))).to.equal('Counted from zero.');
      // Some looks later, too.
      await passed(0.6);
      expect(focused(), press).to.equal(part('reset-button'));
    }
  });

  it('pushes figures to an address when the page goes, and refuses one with a token in it', async () => {
    const posted: { url: string; init: RequestInit }[] = [];
    const { fetch } = globalThis;
    globalThis.fetch = async (url, init = {}) => {
      posted.push({ url: url instanceof Request ? url.url : `${url}`, init });
      return new Response(null, { status: 204 });
    };
    try {
      await insert('<perf-meter export-url="/collect"></perf-meter>');
      await shown();
      await leaves(() => posted.length > 0, 'a push');
      expect(posted[0]!.url).to.equal(new URL('/collect', location.href).href);
      expect(posted[0]!.init.keepalive).to.equal(true);
      const text = new TextDecoder().decode(posted[0]!.init.body as Uint8Array);
      expect(text).to.match(/stream_manager_state\{session="\w+",state="\w+"\} 1\n/);
      expect(text.endsWith('# EOF\n')).to.equal(true);
      setTimeout(() => (meter().exportUrl = '/collect?token=1'));
      const { code, source } = (await oneEvent(meter(), 'oa-error')) as FaultEvent;
      expect([code, source === meter()]).to.deep.equal(['invalid-value', true]);
      await meter().updateComplete;
      expect(textOf(part('error'))).to.contain('token');
    } finally {
      globalThis.fetch = fetch;
    }
  });

  it('looks before each push, also in a page that is hidden, and says once that nobody takes them', async () => {
    const { fetch } = globalThis;
    const texts: string[] = [];
    let status = 404;
    globalThis.fetch = async (_, init = {}) => {
      texts.push(new TextDecoder().decode(init.body as Uint8Array));
      return new Response(null, { status });
    };
    /** What is pushed now. */
    const push = async () => {
      const { length } = texts;
      window.dispatchEvent(new Event('pagehide'));
      await waitUntil(() => texts.length > length, 'a push', PATIENCE);
      return Number(/stream_manager_uptime_seconds\{.*\} (\S+)/.exec(texts.at(-1)!)![1]);
    };
    const faults: FaultEvent[] = [];
    try {
      await insert('<perf-meter interval="3600"></perf-meter>');
      place.addEventListener('oa-error', (event) => faults.push(event));
      await shown();
      hide(true);
      meter().exportUrl = '/collect';
      await leaves(() => texts.length > 0, 'a push');
      const first = await push();
      await waitUntil(() => faults.length > 0, 'a fault', PATIENCE);
      expect(await push()).to.be.greaterThan(first);
      await meter().updateComplete;
      expect(faults.map(({ code, fatal }) => [code, fatal])).to.deep.equal([['request-failed', false]]);
      expect(meter().error!.code).to.equal('request-failed');
      expect(textOf(part('error'))).to.equal('Figures are not sent: the server refuses them (404).');
      status = 204;
      await push();
      await waitUntil(() => meter().error === null, 'that it is over', PATIENCE);
      await meter().updateComplete;
      expect([part('error'), faults.length]).to.deep.equal([null, 1]);
    } finally {
      hide(false);
      globalThis.fetch = fetch;
    }
  });

  it('renders nothing of what it sends in a page that is hidden', async () => {
    const { fetch } = globalThis;
    let pushes = 0;
    let updates = 0;
    globalThis.fetch = async () => {
      pushes++;
      return new Response(null, { status: 204 });
    };
    try {
      await insert(
        '<media-producer></media-producer><perf-meter view="full" interval="0.1" export-url="/collect"></perf-meter>',
      );
      meter().producer = producer();
      await shown();
      meter().thresholds = only('network:lost', { warn: 0.1, bad: 0.2 });
      await reached('idle');
      await leaves(() => pushes > 0, 'a push');
      hide(true);
      await meter().updateComplete;
      const { performUpdate } = meter() as unknown as { performUpdate(): void };
      Object.assign(meter(), {
        performUpdate() {
          updates++;
          performUpdate.call(meter());
        },
      });
      for (let push = 0; push < 3; push++) {
        const [before, { at }] = [pushes, meter().snapshot()!];
        await leaves(() => pushes > before && meter().snapshot()!.at > at, 'a push, and a look for it');
        await meter().updateComplete;
      }
      // What is worse neither: who comes back hears of it then.
      producer()[CORE_PRODUCER].store.set({ connection: LOSSY });
      await leaves(() => meter().state === 'bad', 'a push that finds trouble');
      await meter().updateComplete;
      expect(updates).to.equal(0);
      hide(false);
      await waitUntil(() => updates > 0, 'what is seen again', PATIENCE);
      const heard = () => textOf(meter().shadowRoot!.querySelector('[role=status]'));
      await waitUntil(() => /^Trouble: Network: 50\s?% of packets lost$/.test(heard()), 'the trouble', PATIENCE);
    } finally {
      hide(false);
      globalThis.fetch = fetch;
    }
  });

  it('sends no figures twice, however seldom it looks', async () => {
    const { fetch } = globalThis;
    const uptimes: number[] = [];
    globalThis.fetch = async (_, init = {}) => {
      const text = new TextDecoder().decode(init.body as Uint8Array);
      uptimes.push(Number(/stream_manager_uptime_seconds\{.*\} (\S+)/.exec(text)![1]));
      return new Response(null, { status: 204 });
    };
    try {
      await insert('<perf-meter interval="3600" export-url="/collect"></perf-meter>');
      await shown();
      await leaves(() => uptimes.length > 0, 'a push');
      const before = uptimes.at(-1)!;
      await passed(0.1);
      await leaves(() => uptimes.at(-1)! > before, 'other figures');
    } finally {
      globalThis.fetch = fetch;
    }
  });

  it('sends figures once, however often it was moved before it could', async () => {
    const { fetch } = globalThis;
    let pushes = 0;
    globalThis.fetch = async () => {
      pushes++;
      return new Response(null, { status: 204 });
    };
    try {
      await insert('<perf-meter export-url="/collect"></perf-meter>');
      await shown();
      await leaves(() => pushes > 0, 'a push');
      const element = meter();
      for (let move = 0; move < 3; move++) place.append(element);
      const before = pushes;
      await leaves(() => pushes > before, 'another');
      for (const expected of [1, 0]) {
        const sent = pushes;
        window.dispatchEvent(new Event('pagehide'));
        expect(pushes - sent).to.equal(expected);
        element.remove();
      }
    } finally {
      globalThis.fetch = fetch;
    }
  });

  it('does not say of figures that are sent that they are not, once it is somewhere else', async () => {
    const { fetch } = globalThis;
    let pushes = 0;
    globalThis.fetch = async () => {
      pushes++;
      return new Response(null, { status: 404 });
    };
    try {
      await insert('<perf-meter export-url="/collect"></perf-meter>');
      await shown();
      await leaves(() => meter().error?.code === 'request-failed', 'a refusal');
      globalThis.fetch = async () => {
        pushes++;
        return new Response(null, { status: 204 });
      };
      place.append(meter());
      const before = pushes;
      await leaves(() => pushes > before, 'a push');
      await waitUntil(() => meter().error === null, 'no refusal', PATIENCE);
      await meter().updateComplete;
      expect(part('error')).to.equal(null);
    } finally {
      globalThis.fetch = fetch;
    }
  });

  it('reports all since it counts: none before it has looked', async () => {
    await insert('<perf-meter interval="0.1" style="display: none"></perf-meter>');
    expect(meter().report()).to.equal(null);
    meter().style.display = '';
    await shown();
    await waitUntil(() => (meter().report()?.states.idle ?? 0) > 0.2, 'the time in this state', PATIENCE);
    expect(meter().report()!.last).to.equal(meter().snapshot());
  });

  it('gives its figures as OpenMetrics text, whether it is seen or not', async () => {
    await insert('<perf-meter style="display: none"></perf-meter>');
    expect(meter().snapshot()).to.equal(null);
    expect((await meter().toOpenMetrics()).endsWith('# EOF\n')).to.equal(true);
  });

  it('leaves nothing behind: 200 meters, shown and removed', async () => {
    await insert('<perf-meter></perf-meter>');
    await shown();
    await followed();
    place.textContent = '';
    const had = new Belongings();
    const remains = new Remains();
    try {
      for (let round = 0; round < 10; round++) await mountAndRemove(remains);
      expect([...had.timers], 'timers').to.deep.equal([]);
      expect(had.observers.size, 'observers').to.equal(0);
    } finally {
      had.restore();
    }
    await remains.collect(4);
    expect(remains.watched).to.equal(200);
    expect(remains.left['perf-meter'] ?? 0).to.be.at.most(4);
  }).timeout(120_000);

  it('finds its producer by for, and speaks the nearest language', async () => {
    configureMessages('de', { 'perf.state.idle': 'Aus', 'perf.state.warn': 'Warnung', 'perf.state.bad': 'Not' });
    await insert('<div lang="de"><media-producer id="p"></media-producer><perf-meter for="p"></perf-meter></div>');
    await shown();
    expect(textOf(part('state'))).to.match(/^(Aus|Warnung|Not)$/);
    producer().srcObject = picture();
    await waitUntil(() => producer().metrics !== null, 'what counts', PATIENCE);
    producer()[CORE_PRODUCER].metrics!.counter('frames:captured').add(7);
    await waitUntil(() => meter().snapshot()!.totals['frames:captured'] === 7, 'what it has counted', PATIENCE);
  });
});
