import { expect, nextFrame } from '@open-wc/testing';
import { emulateMedia, executeServerCommand } from '@web/test-runner-commands';
import 'axe-core/axe.min.js';
import '../../dist/define/audio-level.js';
import {
  all,
  context,
  coverOf,
  hear,
  lengthOf,
  level,
  loud,
  part,
  place,
  shown,
  textOf,
  tidy,
  timeOf,
  tone,
  values,
  watchCovers,
  watchFrames,
} from './audio-level-support.js';
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

const IS_CHROMIUM = navigator.userAgent.includes('Chrome/');
const MINUS_INFINITY = '−∞ dBFS';

afterEach(tidy);

const ticks = (element: Element) => all(element, '.tick').map(textOf);
/** Where something stands in the first bar, 0 to 1 from its beginning. */
function placeIn(element: Element, mark: string): number {
  const bar = all(element, '.bar')[0]!.getBoundingClientRect();
  const { left, right } = all(element, mark)[0]!.getBoundingClientRect();
  return ((left + right) / 2 - bar.left) / bar.width;
}

describe('audio-level that shows peak', () => {
  it('has a bar and a value for each channel, from -60 to 0 dBFS', async () => {
    const element = await level();
    await hear(element, 1, -6, -30);
    expect(values(element)).to.deep.equal({
      Left: '−6.0 dBFS',
      Right: '−30.0 dBFS',
      'Highest peak': '−6.0 dBFS',
      'How often it clipped': '0',
    });
    expect(all(element, '.bar').length).to.equal(2);
    expect(lengthOf(element, 0)).to.be.closeTo(54 / 60, 0.02);
    expect(lengthOf(element, 1)).to.be.closeTo(30 / 60, 0.02);
    expect(ticks(element)[0]).to.equal('−60');
    expect(ticks(element).at(-1)).to.equal('0');
    expect(element.activeScale, 'EBU scales are of loudness').to.equal('dbfs');
  });

  it('says which channel is which, from mono to 5.1, and numbers those of which nobody knows', async () => {
    const names = (element: Element) => all(element, '.name [aria-hidden]').map(textOf).join(' ');
    for (const [levels, shownAs] of [
      [[-20], 'M'],
      [[-20, -20, -20], '1 2 3'],
      [[-20, -20, -20, -20], 'L R Ls Rs'],
      [[-10, -20, -30, -40, -50, -12], 'L R C LFE Ls Rs'],
    ] as const) {
      const element = await level();
      await hear(element, 1, ...levels);
      expect(names(element)).to.equal(shownAs);
      await expect(element).to.be.accessible();
    }
  });

  it('tells silence by a sign that has no number', async () => {
    const element = await level();
    await hear(element, 1, -Infinity, -Infinity);
    expect(values(element)).to.include({ Left: MINUS_INFINITY, Right: MINUS_INFINITY });
    expect(lengthOf(element)).to.equal(0);
  });

  it('has a mark at its target, if it is given one', async () => {
    const element = await level();
    await hear(element, 1, -20, -20);
    expect(part(element, 'target') === undefined).to.equal(true);
    element.target = -9;
    await element.updateComplete;
    expect(placeIn(element, '.target')).to.be.closeTo(51 / 60, 0.01);
  });
});

describe('audio-level that shows RMS', () => {
  it('is of 300 ms, with the peak as a mark and the noise floor as a value', async () => {
    const element = await level('<audio-level mode="rms"></audio-level>');
    await hear(element, 2, -10, -40);
    expect(values(element)).to.include({ Left: '−13.0 dBFS', Right: '−43.0 dBFS', 'Highest peak': '−10.0 dBFS' });
    expect(values(element)['Noise floor']).to.match(/^−\d+\.\d dBFS$/);
    expect(lengthOf(element, 0)).to.be.closeTo(47 / 60, 0.02);
  });
});

describe('audio-level that shows loudness', () => {
  it('tells M, S, I, LRA, their highest and true peak, each with its unit', async () => {
    const element = await level('<audio-level mode="loudness"></audio-level>');
    await hear(element, 20, -23, -23);
    expect(values(element)).to.deep.equal({
      'Momentary loudness': '−23.0 LUFS',
      'Short-term loudness': '−23.0 LUFS',
      'Integrated loudness': '−23.0 LUFS',
      'Loudness range': '0.0 LU not yet stable',
      'Highest momentary loudness': '−23.0 LUFS',
      'Highest short-term loudness': '−23.0 LUFS',
      'Highest true peak': values(element)['Highest true peak'],
      'How often it clipped': '0',
    });
    expect(values(element)['Highest true peak']).to.match(/^−2(3\.0|2\.9) dBTP$/);
    await expect(element).to.be.accessible();
  });

  it('trusts the range after a minute', async () => {
    const element = await level('<audio-level mode="loudness"></audio-level>');
    await hear(element, 64, -23, -23);
    expect(values(element)['Loudness range']).to.equal('0.0 LU');
  });

  it('has the scales +9 and +18 around its target, in LUFS or LU, and the mark of the target stays put', async () => {
    const element = await level('<audio-level mode="loudness"></audio-level>');
    await hear(element, 4, -20, -20);
    const update = async (change: Partial<typeof element>) => {
      Object.assign(element, change);
      await element.updateComplete;
      for (let frame = 0; frame < 3; frame++) await nextFrame();
    };
    expect(ticks(element)).to.deep.equal('−41 −38 −35 −32 −29 −26 −23 −20 −17 −14'.split(' '));
    const mark = () => placeIn(element, '.target');
    expect(mark()).to.be.closeTo(18 / 27, 0.01);
    expect(lengthOf(element)).to.be.closeTo(21 / 27, 0.01);

    await update({ unit: 'lu' });
    expect(ticks(element)).to.deep.equal('−18 −15 −12 −9 −6 −3 0 +3 +6 +9'.split(' '));
    expect(values(element)).to.include({ 'Momentary loudness': '+3.0 LU', 'Loudness range': '0.0 LU not yet stable' });

    await update({ scale: 'ebu18' });
    expect(ticks(element)).to.deep.equal('−36 −30 −24 −18 −12 −6 0 +6 +12 +18'.split(' '));
    expect(mark(), 'two thirds on both').to.be.closeTo(36 / 54, 0.01);
    expect(lengthOf(element)).to.be.closeTo(39 / 54, 0.01);
    expect(element.activeScale).to.equal('ebu18');

    await update({ target: -16 });
    expect(mark(), 'with another target').to.be.closeTo(36 / 54, 0.01);
    expect(values(element)['Momentary loudness']).to.equal('−4.0 LU');

    await update({ scale: 'dbfs', unit: 'lufs', target: null });
    expect(ticks(element)[0]).to.equal('−60');
    expect(mark()).to.be.closeTo(37 / 60, 0.01);
    expect(lengthOf(element)).to.be.closeTo(40 / 60, 0.01);

    await update({ scale: 'nonsense', mode: 'loudness' });
    expect(element.activeScale).to.equal('ebu9');
  });

  it('shows numbers whatever it hears, and a good sound as it is after that', async () => {
    const own = context();
    const buffer = new AudioBuffer({ length: own.sampleRate, sampleRate: own.sampleRate });
    const hostile = [NaN, Infinity, -Infinity, 1e-40, 3e38, 0, 0.7, 1, -1];
    buffer.getChannelData(0).forEach((_, i, samples) => (samples[i] = hostile[i % hostile.length]!));
    const source = new AudioBufferSourceNode(own, { buffer, loop: true });
    const through = new GainNode(own);
    source.connect(through);
    source.start();
    const element = await level('<audio-level mode="loudness"></audio-level>');
    element.connectNode(through);
    await waitUntil(() => timeOf(element) > 1, 'a second of it');
    await shown(element);
    expect(element.levels!.clips).to.be.greaterThan(0);
    expect(Object.values(values(element)).join()).to.not.match(/NaN|Infinity/);
    source.disconnect();
    const good = new OscillatorNode(own, { frequency: 997 });
    good.connect(new GainNode(own, { gain: 0.5 })).connect(through);
    good.start();
    await waitUntil(() => values(element)['Momentary loudness'] === '−9.0 LUFS', 'a sine of -6 dBFS');
    element.reset();
    await waitUntil(() => values(element)['Highest true peak'] === '−6.0 dBTP', 'maxima begin anew');
    expect(element.levels!.clips).to.equal(0);
  });

  it('does not guess what three channels are for, and measures them once that is named', async () => {
    const element = await level('<audio-level mode="loudness"></audio-level>');
    await hear(element, 1, -20, -20, -20);
    expect(textOf(part(element, 'hint')!)).to.match(/^The loudness of 3 channels is not defined/);
    expect(values(element)['Momentary loudness']).to.equal('– LUFS');
    const named = await level('<audio-level mode="loudness" layout="3.0"></audio-level>');
    await hear(named, 4, -24, -24, -24);
    expect(part(named, 'hint') === undefined).to.equal(true);
    expect(values(named)['Short-term loudness']).to.match(/^−22\.[23] LUFS$/);
  });
});

describe('audio-level that stands upright', () => {
  it('has bars of the length that a page gives it, and says the unit at its scale', async () => {
    const element = await level('<audio-level orientation="vertical"></audio-level>');
    element.style.setProperty('--oa-level-length', '200px');
    await hear(element, 1, -6, -30);
    const [bar] = all(element, '.bar');
    expect(bar!.getBoundingClientRect().height).to.equal(200);
    expect(lengthOf(element, 0)).to.be.closeTo(54 / 60, 0.02);
    expect(lengthOf(element, 1)).to.be.closeTo(30 / 60, 0.02);
    expect(textOf(all(element, '.scale-unit')[0]!)).to.equal('dBFS');
    expect(all(element, '.scale-unit')[0]!.checkVisibility()).to.equal(true);
    expect(values(element)).to.include({ Left: '−6.0 dBFS' });
    await expect(element).to.be.accessible();
  });
});

describe('audio-level to the ear', () => {
  it('is a named group of terms and values, and its bars are for the eye only', async () => {
    const element = await level('<audio-level mode="loudness" label="Desk"></audio-level>');
    await hear(element, 1, -23, -23);
    axe.setup(element);
    const roles = (selector: string) =>
      all(element, selector).map((one) => axe.commons.aria.getRole(axe.utils.getNodeFromTree(one)));
    expect(roles('.frame')).to.deep.equal(['group']);
    expect(part(element, 'frame')!.ariaLabel ?? part(element, 'frame')!.getAttribute('aria-label')).to.equal('Desk');
    expect(roles('dt')).to.deep.equal(Array(8).fill('term'));
    expect(roles('dd')).to.deep.equal(Array(8).fill('definition'));
    expect(roles('.unseen[role]')).to.deep.equal(['status']);
    axe.teardown();
    expect(all(element, '[role="meter"], [role="progressbar"], [aria-valuenow], [aria-live]').length).to.equal(0);
    for (const bar of all(element, '.bar, .scale'))
      expect(bar.closest('[aria-hidden="true"]') === null).to.equal(false);
  });

  for (const scheme of ['light', 'dark']) {
    it(`is accessible in each mode and orientation, ${scheme}`, async () => {
      for (const mode of ['peak', 'rms', 'loudness'])
        for (const orientation of ['horizontal', 'vertical']) {
          const element = await level(`<audio-level mode="${mode}" orientation="${orientation}"></audio-level>`);
          element.style.colorScheme = scheme;
          element.style.backgroundColor = 'Canvas';
          await hear(element, 1, 3, 3);
          await expect(element).to.be.accessible();
        }
    });
  }
});

describe('how audio-level is drawn', () => {
  it('fits into 240 px, with text at 200 % too, whatever it shows', async () => {
    try {
      for (const markup of [
        '',
        'mode="loudness"',
        'orientation="vertical"',
        'mode="loudness" orientation="vertical"',
      ]) {
        const element = await level(`<audio-level ${markup}></audio-level>`);
        await hear(element, 1, -20, -20, -20, -20, -20, -20);
        for (const size of ['100%', '200%']) {
          document.documentElement.style.fontSize = size;
          element.style.inlineSize = '240px';
          await nextFrame();
          const box = element.getBoundingClientRect();
          for (const inner of all(element, '.bar, .value, .name, .figure, .controls button, .flag')) {
            const { left, right } = inner.getBoundingClientRect();
            expect(left, `${markup} ${size} ${inner.outerHTML}`).to.be.at.least(box.left - 0.5);
            expect(right, `${markup} ${size} ${inner.outerHTML}`).to.be.at.most(box.right + 0.5);
          }
        }
        document.documentElement.style.fontSize = '';
      }
    } finally {
      document.documentElement.style.fontSize = '';
    }
  });

  it('takes its colours and sizes from the page', async () => {
    const element = await level();
    element.style.setProperty('--oa-level-thickness', '30px');
    element.style.setProperty('--oa-level-track', 'rgb(1, 2, 3)');
    await hear(element, 1, -20, -20);
    expect(all(element, '.bar')[0]!.getBoundingClientRect().height).to.equal(30);
    expect(coverOf(element).at(-1)).to.deep.equal([1, 2, 3, 255]);
    element.style.setProperty('--oa-level-track', 'rgb(9, 8, 7)');
    await waitUntil(() => coverOf(element).at(-1)![0] === 9, 'a colour that is changed later');
  });

  it('is told by more than colour where it is high', async () => {
    const element = await level();
    await hear(element, 1, -3, -20);
    const { backgroundImage, backgroundSize } = getComputedStyle(all(element, '.bar')[0]!);
    expect(backgroundImage).to.match(/^repeating-linear-gradient\(45deg.*, repeating-linear-gradient\(135deg/);
    const [over, hot] = backgroundSize.split(', ').map((size) => 1 - parseFloat(size) / 100);
    expect(hot).to.be.closeTo(51 / 60, 0.01);
    expect(over).to.be.closeTo(59 / 60, 0.01);
  });

  it('touches nothing while nothing changes, and only what changes', async () => {
    const element = await level();
    const own = context();
    const source = new ConstantSourceNode(own, { offset: 0.25 });
    source.start();
    element.connectNode(source);
    await waitUntil(() => values(element)['Mono'] === '−12.0 dBFS', 'the level');
    await waitUntil(() => timeOf(element) > 1, 'what moves at the beginning is over');
    await shown(element);
    const touched: MutationRecord[] = [];
    const observer = new MutationObserver((records) => touched.push(...records));
    observer.observe(element.shadowRoot!, { subtree: true, childList: true, attributes: true, characterData: true });
    const covers = watchCovers();
    const frames = watchFrames();
    const { time } = element.levels!;
    await waitUntil(() => element.levels!.time > time + 1, 'a second of the same');
    frames.stop();
    expect(touched.length).to.equal(0);
    expect(covers.painted).to.equal(0);
    expect(frames.asked).to.equal(0);
    source.offset.value = 0.5;
    await waitUntil(() => values(element)['Mono'] === '−6.0 dBFS', 'another level');
    const kinds = new Set(
      touched.map(({ type, target }) =>
        type === 'characterData' ? 'text' : `${type} ${(target as Element).className}`,
      ),
    );
    observer.disconnect();
    covers.stop();
    expect([...kinds].sort()).to.deep.equal(['attributes hold', 'text']);
    // From -12 to -6 dBFS, of 400 steps for 60 dB.
    expect(covers.steps).to.equal(40);
  });

  it('has a bar that is covered to its end however it moved, in both orientations', async () => {
    for (const orientation of ['horizontal', 'vertical']) {
      const element = await level(`<audio-level orientation=${orientation}></audio-level>`);
      const own = context();
      const source = new ConstantSourceNode(own, { offset: 0.25 });
      source.start();
      element.connectNode(source);
      await loud(element);
      await shown(element);
      for (const [offset, dBFS] of [
        [0.25, -12.04],
        [0.5, -6.02],
        [0.125, -18.06],
        [1, 0],
        [0.25, -12.04],
      ] as const) {
        source.offset.value = offset;
        await waitUntil(() => Math.abs(lengthOf(element) - (1 + dBFS / 60)) < 0.002, `a bar of ${dBFS} dBFS`);
      }
    }
  });

  it('asks for one frame at a time, however many levels came', async () => {
    const element = await level();
    element.srcObject = tone().stream;
    await loud(element);
    await shown(element);
    const frames = watchFrames();
    try {
      const { time } = element.levels!;
      const end = performance.now() + 500;
      while (performance.now() < end);
      await waitUntil(() => element.levels!.time > time + 1, 'what came meanwhile, and more');
      expect(frames.most).to.equal(1);
    } finally {
      frames.stop();
    }
  });

  it('is not drawn where nobody sees it, and is up to date when somebody does', async () => {
    const element = await level();
    element.parentElement!.style.paddingBlockStart = '5000px';
    scrollTo(0, 0);
    element.srcObject = tone(0.25).stream;
    await loud(element);
    await element.updateComplete;
    await nextFrame();
    const touched: MutationRecord[] = [];
    const observer = new MutationObserver((records) => touched.push(...records));
    observer.observe(element.shadowRoot!, { subtree: true, childList: true, attributes: true, characterData: true });
    const covers = watchCovers();
    const { time } = element.levels!;
    await waitUntil(() => element.levels!.time > time + 1, 'a second');
    observer.disconnect();
    covers.stop();
    expect(touched.length).to.equal(0);
    expect(covers.painted).to.equal(0);
    element.scrollIntoView();
    await waitUntil(() => values(element)['Left'] === '−12.0 dBFS', 'it is shown');
    element.hidden = true;
    await nextFrame();
    scrollTo(0, 0);
  });

  if (IS_CHROMIUM) {
    // WebDriver BiDi, by which Firefox is driven, cannot say what a person prefers.
    it('moves five times a second at most for those who ask for less motion', async () => {
      await emulateMedia({ reducedMotion: 'reduce' });
      try {
        const element = await level();
        const own = context();
        const swell = new GainNode(own, { gain: 0.3 });
        const source = new OscillatorNode(own);
        source.connect(swell);
        source.start();
        swell.gain.setValueCurveAtTime([0.01, 1, 0.01, 1, 0.01, 1], own.currentTime, 6);
        element.connectNode(swell);
        await loud(element);
        await shown(element);
        const covers = watchCovers();
        const began = performance.now();
        const { time } = element.levels!;
        await waitUntil(() => element.levels!.time > time + 2, 'two seconds');
        covers.stop();
        expect(covers.painted).to.be.within(1, Math.ceil((performance.now() - began) / 200) + 1);
      } finally {
        await emulateMedia({ reducedMotion: 'no-preference' });
      }
    });

    it('is told from its ground where a person has forced colours', async () => {
      await executeServerCommand('forced-colors', 'active');
      try {
        expect(matchMedia('(forced-colors: active)').matches).to.equal(true);
        const element = await level('<audio-level mode="loudness"></audio-level>');
        await hear(element, 2, -23, -23);
        const style = (selector: string) => getComputedStyle(all(element, selector)[0]!);
        const seen = (color: string) => {
          const probe = place('');
          probe.style.color = color;
          return getComputedStyle(probe).color;
        };
        const [bar, ground, mark] = ['Highlight', 'Canvas', 'CanvasText'].map(seen);
        expect([bar === ground, mark === ground]).to.deep.equal([false, false]);
        expect(style('.bar').backgroundImage).to.include(`${bar} `);
        expect(style('.bar').borderTopWidth).to.equal('1px');
        expect(style('.cover').color).to.equal(ground);
        expect(`rgb(${coverOf(element).at(-1)!.slice(0, 3).join(', ')})`).to.equal(ground);
        expect(style('.target').backgroundColor).to.equal(mark);
        expect(style('.hold').backgroundImage).to.include(mark);
        await expect(element).to.be.accessible();
      } finally {
        await executeServerCommand('forced-colors', 'none');
      }
    });
  }
});
