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
  type OaAudioLevel,
  part,
  place,
  rmsOf,
  shown,
  textOf,
  tidy,
  timeOf,
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

/** A tone in one channel that goes up and down, for six seconds. */
function swelling(top = 1) {
  const own = context();
  const source = new GainNode(own, { gain: 0.3 });
  const oscillator = new OscillatorNode(own);
  oscillator.connect(source);
  oscillator.start();
  source.gain.setValueCurveAtTime([0.01, top, 0.01, top, 0.01, top], own.currentTime, 6);
  return source;
}

/**
 * How often the one bar of an element is painted while it hears so many seconds; `took` milliseconds, and in how many tenths
 * of a second of those there was a new level and a frame to draw it in.
 */
async function pace(element: OaAudioLevel, seconds: number) {
  const covers = watchCovers();
  const tenths = new Set<number>();
  const { time } = element.levels!;
  const began = performance.now();
  let last = time;
  while (last <= time + seconds) {
    await nextFrame();
    if (timeOf(element) > last) tenths.add(Math.floor(performance.now() / 100));
    last = timeOf(element);
  }
  covers.stop();
  return { painted: covers.painted, took: performance.now() - began, chances: tenths.size };
}

/** The colours of a computed style that nothing is seen through, each once: red, green, blue. */
function opaqueIn(style: string): number[][] {
  const canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d')!;
  const pixels = (style.match(/(?:rgba?|color|oklab)\([^)]*\)/g) ?? []).map((color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].join();
  });
  return [...new Set(pixels)]
    .map((pixel) => pixel.split(',').map(Number))
    .flatMap(([r, g, b, a]) => (a === 255 ? [[r!, g!, b!]] : []));
}

async function pictureOf(element: Element): Promise<ImageData> {
  const { x, y, width, height } = element.getBoundingClientRect();
  const png = await executeServerCommand<string, object>('picture', { x: x + scrollX, y: y + scrollY, width, height });
  const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')!;
  canvas.drawImage(bitmap, 0, 0);
  return canvas.getImageData(0, 0, bitmap.width, bitmap.height);
}

/** As WCAG 2 has it, 1 to 21. */
function contrast(...colors: [number[], number[]]): number {
  const linear = (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const [light, dark] = colors
    .map((color) => color.map((value) => linear(value / 255)))
    .map(([r, g, b]) => 0.2126 * r! + 0.7152 * g! + 0.0722 * b!)
    .sort((a, b) => b - a);
  return (light! + 0.05) / (dark! + 0.05);
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

  it('has a dash for the range while nothing was above the gate', async () => {
    const element = await level('<audio-level mode="loudness"></audio-level>');
    await hear(element, 4, -Infinity, -Infinity);
    expect(values(element)).to.include({
      'Integrated loudness': '−∞ LUFS',
      'Loudness range': '– LU not yet stable',
    });
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

    // As a form has it.
    await update({ target: '-16' as unknown as number });
    expect(mark(), 'with another target').to.be.closeTo(36 / 54, 0.01);
    expect(values(element)['Momentary loudness']).to.equal('−4.0 LU');

    await update({ scale: 'dbfs', unit: 'lufs', target: null });
    expect(ticks(element)[0]).to.equal('−60');
    expect(mark()).to.be.closeTo(37 / 60, 0.01);
    expect(lengthOf(element)).to.be.closeTo(40 / 60, 0.01);

    await update({ scale: 'nonsense', mode: 'loudness' });
    expect(element.activeScale).to.equal('ebu9');
  });

  it('has its default target where it is given none that is a number', async () => {
    const element = await level('<audio-level mode="loudness" unit="lu" target="loud"></audio-level>');
    await hear(element, 4, -20, -20);
    for (const target of [NaN, Infinity, null]) {
      expect(ticks(element)).to.deep.equal('−18 −15 −12 −9 −6 −3 0 +3 +6 +9'.split(' '));
      expect(placeIn(element, '.target')).to.be.closeTo(18 / 27, 0.01);
      expect(values(element)['Momentary loudness']).to.equal('+3.0 LU');
      element.target = target;
      await element.updateComplete;
      await shown(element);
    }
    element.mode = 'peak';
    element.target = NaN;
    await element.updateComplete;
    expect(part(element, 'target') === undefined).to.equal(true);
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

  it('does not ask what more than six channels are for, of which none beyond eight is shown', async () => {
    const element = await level('<audio-level mode="loudness"></audio-level>');
    await hear(element, 1, ...Array<number>(9).fill(-20));
    expect(element.levels!.channels.length).to.equal(8);
    expect(textOf(part(element, 'hint')!)).to.equal(
      'The loudness of 8 channels is not defined. Three or five need `layout`, which names what they are for: 3.0 or 5.0.',
    );
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

// Firefox makes no context of so low a rate.
if (IS_CHROMIUM)
  describe('audio-level of a sound with less than 8000 samples a second', () => {
    it('says that it has no loudness, also when that is asked for later', async () => {
      const own = new AudioContext({ sampleRate: 4000 });
      const source = new OscillatorNode(own, { frequency: 500 });
      source.start();
      const hint = (element: OaAudioLevel) => textOf(part(element, 'hint') ?? document.createElement('p'));
      const told = 'Loudness is measured from a sample rate of 8000 Hz on. This sound has 4000 Hz.';
      try {
        for (const mode of ['loudness', 'peak']) {
          const element = await level(`<audio-level mode="${mode}"></audio-level>`);
          element.connectNode(source);
          await loud(element);
          if (mode === 'peak') expect(hint(element)).to.equal('');
          element.mode = 'loudness';
          await waitUntil(() => hint(element) === told, 'it is said');
          expect(values(element)['Momentary loudness']).to.equal('– LUFS');
        }
      } finally {
        await tidy();
        await own.close();
      }
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
    element.style.setProperty('--oa-level-color', 'rgb(4, 5, 6)');
    element.style.setProperty('--oa-level-high', 'rgb(40, 50, 60)');
    element.style.setProperty('--oa-level-over', 'rgb(140, 150, 160)');
    await hear(element, 1, -20, -20);
    const [bar] = all(element, '.bar');
    expect(bar!.getBoundingClientRect().height).to.equal(30);
    // The gradients under the hatching: what is too high from the end on, and under that what is well and what is high.
    const [, , tooHigh, rest] = getComputedStyle(bar!).backgroundImage.split(/, (?=(?:repeating-)?linear-gradient)/);
    expect(opaqueIn(tooHigh!)).to.deep.equal([[140, 150, 160]]);
    expect(opaqueIn(rest!)).to.deep.equal([
      [4, 5, 6],
      [40, 50, 60],
    ]);
    expect(coverOf(element).at(-1)).to.deep.equal([1, 2, 3, 255]);
    element.style.setProperty('--oa-level-track', 'rgb(9, 8, 7)');
    await waitUntil(() => coverOf(element).at(-1)![0] === 9, 'a colour that is changed later');
  });

  it('has marks that are told from all that they stand on, light and dark', async () => {
    const element = await level('<audio-level target="-20"></audio-level>');
    await hear(element, 1, 0, 0);
    for (const scheme of ['light', 'dark']) {
      element.style.colorScheme = scheme;
      const { backgroundImage } = getComputedStyle(all(element, '.bar')[0]!);
      const { color } = getComputedStyle(all(element, '.cover')[0]!);
      const grounds = opaqueIn(`${backgroundImage} ${color}`);
      expect(grounds.length, 'hatching, too high, well, high, none').to.equal(5);
      const target = opaqueIn(getComputedStyle(all(element, '.target')[0]!).backgroundImage);
      // On the end of a bar that is as long as it can be, it is all that is painted.
      const hold = () => coverOf(element).filter(([, , , opacity]) => opacity === 255);
      await waitUntil(
        () =>
          opaqueIn(
            hold()
              .map((pixel) => `rgb(${pixel.slice(0, 3).join()})`)
              .join(),
          ).join() === target.join(),
        `the mark, ${scheme}`,
      );
      for (const ground of grounds) {
        const told = Math.max(...target.map((color) => contrast(color, ground)));
        expect(told, `on rgb(${ground.join()}), ${scheme}`).to.be.at.least(3);
      }
    }
  });

  it('is told by more than colour where it is high', async () => {
    const element = await level();
    await hear(element, 1, 0, -20);
    const [bar] = all(element, '.bar');
    const { backgroundImage, backgroundSize } = getComputedStyle(bar!);
    expect(backgroundImage).to.match(/^repeating-linear-gradient\(45deg.*, repeating-linear-gradient\(135deg/);
    const [over, hot] = backgroundSize.split(', ').map((size) => 1 - parseFloat(size) / 100);
    expect(hot).to.be.closeTo(51 / 60, 0.01);
    expect(over).to.be.closeTo(59 / 60, 0.01);
    // All in one colour, as it is to some, the hatching is left.
    for (const name of ['color', 'high', 'over']) element.style.setProperty(`--oa-level-${name}`, 'rgb(0, 90, 0)');
    element.style.setProperty('--oa-color-surface', 'rgb(255, 255, 255)');
    element.style.setProperty('--oa-level-thickness', '60px');
    const { width, height, data } = await pictureOf(bar!);
    /** How much of the bar is light between two places, without its edges, and the mark at its end. */
    const light = (from: number, to: number) => {
      const seen = Array.from({ length: (height - 4) * width }, (_, i) => i + 2 * width)
        .filter((i) => (i % width) / width > from && (i % width) / width < to && i % width < width - 5)
        .map((i) => data[4 * i]! > 127);
      return seen.filter(Boolean).length / seen.length;
    };
    expect(light(0.1, 0.8), 'well').to.equal(0);
    expect(light(0.87, 0.97), 'high').to.be.within(0.15, 0.4);
    expect(light(0.985, 1), 'too high').to.be.within(0.4, 0.7);
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
    expect([...kinds]).to.deep.equal(['text']);
    // From -12 to -6 dBFS, of 60 dB, and a mark of four pixels that stands on the end.
    expect(covers.pixels).to.be.within(coverOf(element).length / 10 + 2, coverOf(element).length / 10 + 5);
  });

  it('asks for no frame for values that are written as they were', async () => {
    const element = await level('<audio-level mode="loudness"></audio-level>');
    const own = context();
    const source = new OscillatorNode(own, { frequency: 997 });
    // Neither between two tenths nor between two steps of a bar.
    const sound = new GainNode(own, { gain: 10 ** (-19.7 / 20) });
    source.connect(sound);
    source.start();
    element.connectNode(sound);
    await waitUntil(() => values(element)['Short-term loudness'] === '−22.7 LUFS', 'all windows are full');
    await waitUntil(() => timeOf(element) > 5, 'what moves at the beginning is over');
    const frames = watchFrames();
    const { time, loudness } = element.levels!;
    const heard = new Set<number>([loudness!.momentary]);
    await waitUntil(() => {
      heard.add(element.levels!.loudness!.momentary);
      return element.levels!.time > time + 2;
    }, 'two seconds of the same');
    frames.stop();
    expect(heard.size, 'levels that differ by less').to.be.greaterThan(1);
    expect(frames.asked).to.equal(0);
  });

  it('paints on its bars and nowhere else, whatever their number, size, direction and place', async () => {
    /** How many pixels are painted that are a pixel or more beside all bars. */
    const astray = (element: Element) => {
      const cover = all<HTMLCanvasElement>(element, '.cover')[0]!;
      const frame = cover.getBoundingClientRect();
      const [along, across] = [cover.width / frame.width, cover.height / frame.height];
      const painted = cover.getContext('2d')!.getImageData(0, 0, cover.width, cover.height);
      for (const bar of all(element, '.bar')) {
        const { left, right, top, bottom } = bar.getBoundingClientRect();
        const [first, last] = [(left - frame.left) * along, (right - frame.left) * along];
        for (let row = Math.floor((top - frame.top) * across); row < (bottom - frame.top) * across; row++)
          for (let column = Math.max(0, Math.floor(first)); column < last; column++)
            painted.data[4 * (row * cover.width + column) + 3] = 0;
      }
      // Of a corner that is rounded a trace that nobody sees may lie beside it.
      return painted.data.filter((value, i) => i % 4 === 3 && value > 8).length;
    };
    const levels = [-6, -30, -12, -40, -20, -50];
    for (const orientation of ['horizontal', 'vertical'])
      for (const channels of [1, 2, 6])
        for (const direction of ['ltr', 'rtl']) {
          const element = await level(
            `<div dir=${direction}><audio-level orientation=${orientation}></audio-level></div>`,
          );
          await hear(element, 1, ...levels.slice(0, channels));
          const { style } = element;
          for (const [step, change] of [
            () => {},
            () => style.setProperty('--oa-level-thickness', '9px'),
            () => (style.inlineSize = '240px'),
            () => (style.fontSize = '23px'),
            () => style.setProperty('--oa-level-length', '111px'),
            () => (style.zoom = '1.25'),
            () => (style.transform = 'scale(0.8)'),
            () => (element.orientation = orientation === 'vertical' ? 'horizontal' : 'vertical'),
          ].entries()) {
            change();
            await element.updateComplete;
            for (let frame = 0; frame < 3; frame++) await nextFrame();
            const what = `${orientation}, ${channels}, ${direction}, change ${step}`;
            expect(astray(element), what).to.equal(0);
            for (let channel = 0; channel < channels; channel++)
              expect(lengthOf(element, channel), what).to.be.closeTo(1 + levels[channel]! / 60, 0.02);
          }
        }
  });

  it('has a bar that is covered to its end however it moved, in both orientations', async () => {
    for (const orientation of ['horizontal', 'vertical']) {
      const element = await level(`<audio-level orientation=${orientation}></audio-level>`);
      // As many pixels as a bar has steps.
      element.style.setProperty('--oa-level-length', '400px');
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
    // Of a tone that stays as it is there is nothing to draw.
    element.connectNode(swelling());
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
    const source = swelling(0.5);
    const away = await level();
    const hidden = await level();
    hidden.connectNode(source);
    await loud(hidden);
    await shown(hidden);
    away.parentElement!.style.paddingBlockStart = '5000px';
    hidden.hidden = true;
    scrollTo(0, 0);
    away.connectNode(source);
    await loud(away);
    await away.updateComplete;
    // What is out of sight is told of that after a frame.
    for (let frame = 0; frame < 3; frame++) await nextFrame();
    const touched: MutationRecord[] = [];
    const observer = new MutationObserver((records) => touched.push(...records));
    for (const element of [away, hidden])
      observer.observe(element.shadowRoot!, { subtree: true, childList: true, attributes: true, characterData: true });
    const covers = watchCovers();
    const frames = watchFrames();
    const heard = new Set<number>();
    const { time } = away.levels!;
    await waitUntil(() => {
      heard.add(rmsOf(hidden));
      return away.levels!.time > time + 1;
    }, 'a second');
    observer.disconnect();
    covers.stop();
    frames.stop();
    expect(heard.size, 'levels that a drawn one would show').to.be.greaterThan(1);
    expect(touched.length).to.equal(0);
    expect(covers.painted).to.equal(0);
    expect(frames.asked).to.equal(0);
    away.scrollIntoView();
    await waitUntil(() => values(away)['Mono'] === '−6.0 dBFS', 'it is shown');
    scrollTo(0, 0);
    hidden.hidden = false;
    await waitUntil(() => values(hidden)['Mono'] === '−6.0 dBFS', 'it is displayed again');
  });

  if (IS_CHROMIUM) {
    // WebDriver BiDi, by which Firefox is driven, cannot say what a person prefers.
    it('moves ten times a second, and five times at most for those who ask for less motion', async () => {
      try {
        const element = await level();
        element.connectNode(swelling());
        await loud(element);
        await shown(element);
        const ordinary = await pace(element, 1);
        expect(ordinary.painted).to.be.at.most(Math.ceil(ordinary.took / 100) + 1);
        // On a machine that gives no frames or levels for a while, there is no more to be drawn than it gives.
        expect(ordinary.painted).to.be.at.least(Math.floor(ordinary.chances * 0.8));
        await emulateMedia({ reducedMotion: 'reduce' });
        const calm = await pace(element, 2);
        expect(calm.painted).to.be.within(1, Math.ceil(calm.took / 200) + 1);
      } finally {
        await emulateMedia({ reducedMotion: 'no-preference' });
      }
    });

    it('is told from its ground where a person has forced colours', async () => {
      await executeServerCommand('forced-colors', 'active');
      try {
        expect(matchMedia('(forced-colors: active)').matches).to.equal(true);
        const seen = (color: string) => {
          const probe = place('');
          probe.style.color = color;
          return getComputedStyle(probe).color;
        };
        const [bar, ground, mark] = ['Highlight', 'Canvas', 'CanvasText'].map(seen);
        expect([bar === ground, mark === ground]).to.deep.equal([false, false]);
        for (const [markup, pointer] of [
          ['mode="loudness"', 'borderBlockEndColor'],
          ['mode="peak" target="-9" orientation="vertical"', 'borderInlineStartColor'],
        ] as const) {
          const element = await level(`<audio-level ${markup}></audio-level>`);
          await hear(element, 1, -23, -23);
          const style = (selector: string) => getComputedStyle(all(element, selector)[0]!);
          expect(style('.bar').backgroundImage, markup).to.include(`${bar} `);
          expect(style('.bar').borderTopWidth, markup).to.equal('1px');
          expect(style('.cover').color, markup).to.equal(ground);
          expect(`rgb(${coverOf(element).at(-1)!.slice(0, 3).join(', ')})`, markup).to.equal(ground);
          expect(style('.target').backgroundImage, markup).to.include(mark);
          expect(style('.target').backgroundImage, markup).to.include(ground);
          const drawn = coverOf(element).map((pixel) => `rgb(${pixel.slice(0, 3).join(', ')})`);
          expect(drawn, markup).to.include(mark);
          expect(drawn, markup).to.include(ground);
          expect(style('.pointer')[pointer], markup).to.equal(mark);
          expect(getComputedStyle(all(element, '.tick')[0]!, '::before').backgroundColor, markup).to.equal(mark);
          await expect(element).to.be.accessible();
        }
      } finally {
        await executeServerCommand('forced-colors', 'none');
      }
    });
  }
});
