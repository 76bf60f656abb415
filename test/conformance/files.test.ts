import assert from 'node:assert/strict';
import { after, afterEach, before, it } from 'node:test';
import { strictCsp } from '../../demo/server/server.mjs';
import { type BrowserName, type Tab } from '../support/browser.js';
import { assertConforms, assertSeeks, assertTogether, toldTogether } from '../support/conforms.js';
import { ffmpeg, probe } from '../support/ffmpeg.js';
import {
  barColours,
  greyPicture,
  makeFlashFilm,
  median,
  readClock,
  soundOffsets,
  widestGap,
} from '../support/media.js';
import { inEachBrowser, seconds, type PageSetup, type RecorderStatus, Stage, type Stopped } from '../support/stage.js';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

/** The bars of test/pages/sources.js. */
const CARD = ['ffffff', 'bfbf00', '00bfbf', '00bf00', 'bf00bf', 'bf0000', '0000bf', '101010'];
const EXPECTED = CARD.map((colour) => [0, 2, 4].map((at) => parseInt(colour.slice(at, at + 2), 16)));

interface Seen {
  pts: number;
  at: number;
}

/** Most that a channel of a bar may differ, of 255. */
const COLOUR = 3;

/** The sound card that Firefox makes up for tests runs some per cent slow, and all sound with it. */
const TRUE_TIME = { 'media.cubeb.force_mock_context': false };

type Way = Record<string, string>;

const way = (engine: string, format: string): Way => ({ 'recording-name': `${engine} ${format}`, engine, format });

/** The ways in which a browser makes files by itself, and Firefox by its other engine. */
const WAYS: Record<BrowserName, Way[]> = {
  chromium: [way('webcodecs', 'webm'), way('webcodecs', 'mp4')],
  firefox: [{ 'recording-name': 'auto' }, way('webcodecs', 'webm')],
};

/** The policy of a page that lets the AAC encoder in (docs/csp.md). */
const WITH_AAC = `${strictCsp}; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:`;

/** Frames a second of the clock. */
const CLOCK_RATE = 20;

/** A browser with a camera that shows the card, and takes by all of its ways. */
class Studio {
  stage!: Stage;
  #folder = '';

  constructor(readonly name: BrowserName) {
    before(async () => {
      this.#folder = await mkdtemp(join(tmpdir(), 'onair-camera-'));
      const camera = join(this.#folder, 'card.y4m');
      if (name === 'chromium') await makeCameraCard(camera);
      this.stage = await Stage.open(
        name,
        name === 'chromium' ? { args: [`--use-file-for-fake-video-capture=${camera}`] } : { prefs: TRUE_TIME },
      );
    });
    afterEach(() => this.stage.clear());
    after(async () => {
      await this.stage?.close();
      await rm(this.#folder, { recursive: true, force: true });
    });
  }

  /** One take by all ways at once; lets `meanwhile` happen in its middle. */
  async shoot(setup: PageSetup, duration: number, meanwhile?: (tab: Tab) => Promise<unknown>) {
    const tab = await this.stage.tab({ recorders: WAYS[this.name], library: 'off', ...setup });
    assert.deepEqual(
      new Set(await tab.call<string[]>('start')),
      new Set(['recording']),
      JSON.stringify(await tab.call('log')),
    );
    await tab.call('recorded', meanwhile ? duration / 2 : duration);
    await meanwhile?.(tab);
    if (meanwhile) await tab.call('recorded', duration);
    const takes = await tab.call<Stopped[]>('stop');
    const files = await Promise.all(
      takes.map(async (take) => ({ take, ...(await assertConforms(this.stage, tab, take)) })),
    );
    return { tab, files };
  }
}

// Colours and times are measured: the other browser would be in them.
inEachBrowser(
  'a file that was recorded',
  (name) => {
    const studio = new Studio(name);

    it('shows camera colours as they were, plays and seeks', async (test) => {
      const { tab, files } = await studio.shoot({ source: 'devices', attributes: { width: 640, height: 480 } }, 4);
      for (const { take, file } of files) {
        const took = await assertSeeks(tab, file);
        test.diagnostic(`${take.name}: seek to 80 % in ${took.toFixed(0)} ms, stop in ${take.took.toFixed(0)} ms`);
        // Firefox's fake camera shows no card.
        if (name === 'chromium') assertCard(await barColours(file, CARD.length, 2), take.name, test);
      }
      assert.deepEqual(tab.faults, []);
    });

    it('shows canvas colours as they were', async (test) => {
      const { tab, files } = await studio.shoot({ source: 'card' }, 3);
      // Small enough for VP9 where the larger one is VP8: the colours of VP8 are one way, whatever the file says of them.
      const small = await studio.shoot({ source: 'card', options: { width: 320, height: 240 } }, 3);
      for (const { take, file } of [...files, ...small.files]) {
        // Not met: Firefox's VP8 by WebCodecs left a still card 4 and 5/255 off in two runs (docs/recording.md). Not its default.
        const most = name === 'firefox' && take.engine === 'webcodecs' ? 6 : COLOUR;
        assertCard(await barColours(file, CARD.length, 2), `${take.name}, ${take.mimeType}`, test, most);
      }
      assert.deepEqual([...tab.faults, ...small.tab.faults], []);
    });

    it('is whole when the picture has odd sizes and changes its size in the middle', async () => {
      const { tab, files } = await studio.shoot({ source: 'clock', options: { width: 641, height: 361 } }, 4, (tab) =>
        tab.call('resize', 361, 641),
      );
      for (const { take, file } of files) {
        const video = (await probe(file)).streams.find(({ codec_type }) => codec_type === 'video')!;
        assert.ok(
          Math.abs(video.width! - 641) <= 1 && Math.abs(video.height! - 361) <= 1,
          `${take.name}: ${video.width}x${video.height}`,
        );
        await assertSeeks(tab, file);
      }
      assert.deepEqual(tab.faults, []);
    });

    it('shows all of a picture that is turned in the middle, as it was, between black bars', async () => {
      const recorders = WAYS[name].filter(({ engine }) => engine === 'webcodecs');
      const { tab, files } = await studio.shoot({ source: 'square', recorders }, 4, (tab) =>
        tab.call('resize', 360, 640),
      );
      for (const { take, file } of files) {
        for (const [second, side, picture] of [
          [1, 180, 640],
          // 640 pixels of height have become 360.
          [take.duration - 0.7, 180 * (360 / 640), 360 * (360 / 640)],
        ] as const) {
          const { width, height, at } = await greyPicture(file, second);
          const row = Array.from({ length: width }, (_, x) => at(x, height / 2));
          const column = Array.from({ length: height }, (_, y) => at(width / 2, y));
          const [black, white] = [(grey: number) => grey < 40, (grey: number) => grey > 190];
          const told = `${take.name} at ${second} s: ${row.filter(white).length}x${column.filter(white).length}`;
          for (const line of [row, column]) assert.ok(Math.abs(line.filter(white).length - side) <= 4, told);
          const bars = (width - picture) / 2;
          for (const y of [4, height / 2, height - 5]) {
            for (let x = 0; x < width; x++) {
              const edge = Math.min(Math.abs(x - bars), Math.abs(width - bars - x));
              if (edge > 4)
                assert.equal(black(at(x, y)), x < bars || x > width - bars, `${told}, ${x} ${y}: ${at(x, y)}`);
            }
          }
        }
      }
      assert.deepEqual(tab.faults, []);
    });

    it('has a picture that is turned in the shape that it then is, where MediaRecorder makes it', async () => {
      const recorders = [way('mediarecorder', 'webm')];
      const { tab, files } = await studio.shoot({ source: 'square', recorders }, 4, (tab) =>
        tab.call('resize', 360, 640),
      );
      for (const { file } of files) {
        for (const [fraction, width, height] of [
          [0.2, 640, 360],
          [0.8, 360, 640],
        ]) {
          const seen = await tab.call<{ width: number; height: number }>('seek', basename(file), fraction);
          assert.deepEqual([seen.width, seen.height], [width, height]);
        }
      }
      assert.deepEqual(tab.faults, []);
    });

    it('is as good when MediaRecorder makes it, and with AAC', async (test) => {
      studio.stage.server.policy = WITH_AAC;
      const recorders = [way('mediarecorder', 'webm')];
      if (name === 'chromium') recorders.push(way('mediarecorder', 'mp4'), way('webcodecs', 'mp4'));
      const { tab, files } = await studio.shoot(
        { source: 'devices', attributes: { width: 640, height: 480 }, recorders },
        4,
      );
      const statuses = await tab.call<RecorderStatus[]>('status');
      assert.deepEqual(
        statuses.map(({ activeEngine }) => activeEngine),
        recorders.map(({ engine }) => engine),
      );
      for (const { take, file } of files) {
        const took = await assertSeeks(tab, file);
        test.diagnostic(`${take.name}: seek to 80 % in ${took.toFixed(0)} ms, stop in ${take.took.toFixed(0)} ms`);
        if (take.engine === 'webcodecs') assert.match(take.mimeType, /mp4a/);
        if (name === 'chromium') assertCard(await barColours(file, CARD.length, 2), take.name, test);
      }
      assert.deepEqual(tab.faults, []);
    });
  },
  1,
);

inEachBrowser(
  'picture and sound of a file that was recorded',
  (name) => {
    const studio = new Studio(name);
    if (name === 'firefox') before(() => makeFlashFilm(studio.stage.server.file('flash.webm'), 16));

    it('has picture and sound together', async (test) => {
      const source =
        name === 'chromium' ? { source: 'flash' } : { source: 'film', options: { url: '/files/flash.webm' } };
      // Firefox runs no AudioContext here at true time, and its engine WebCodecs hears through one: it has silence.
      const recorders = WAYS[name].filter(({ engine }) => name === 'chromium' || engine !== 'webcodecs');
      const { tab, files } = await studio.shoot({ ...source, recorders }, 12);
      for (const { take, file } of files) {
        const offsets = (await soundOffsets(file)).map((offset) => offset * 1000);
        test.diagnostic(toldTogether(take.name, offsets));
        assertTogether(take.name, offsets, 11);
      }
      assert.deepEqual(tab.faults, []);
    });

    // Firefox has no H.264 to encode, and its MediaRecorder is among the ways above.
    if (name === 'chromium') {
      it('has picture and sound together with AAC, and where MediaRecorder makes it', async (test) => {
        studio.stage.server.policy = WITH_AAC;
        const recorders = [way('webcodecs', 'mp4'), way('mediarecorder', 'webm'), way('mediarecorder', 'mp4')];
        const { tab, files } = await studio.shoot({ source: 'flash', recorders }, 12);
        for (const { take, file } of files) {
          if (take.engine === 'webcodecs') {
            assert.match(take.mimeType, /avc1.*mp4a/);
            const codecs = (await probe(file)).streams.map(({ codec_name }) => codec_name).sort();
            assert.deepEqual(codecs, ['aac', 'h264']);
            await assertSeeks(tab, file);
          }
          const offsets = (await soundOffsets(file)).map((offset) => offset * 1000);
          test.diagnostic(toldTogether(take.name, offsets));
          if (take.engine === 'webcodecs') assertTogether(take.name, offsets, 11);
          // In an MP4 Chromium's MediaRecorder begins each track at its own zero, and says nothing of how far those are from
          // each other; single pictures and sounds it places itself, too (docs/recording.md).
          else if (take.mimeType.includes('webm'))
            assert.ok(Math.abs(median(offsets)) <= 20, toldTogether(take.name, offsets));
        }
        assert.deepEqual(tab.faults, []);
      });
    }

    it('has no gap where it was paused, and goes on with a key frame', async (test) => {
      const { tab, files } = await studio.shoot({ source: 'clock', options: { rate: CLOCK_RATE } }, 4, async (tab) => {
        await tab.call('pause');
        await seconds(1.5);
        await tab.call('resume');
      });
      for (const { take, file, video, audio } of files) {
        // The clock in the picture has gone on where the file has not.
        const frames = (await readClock(file, Date.now())).filter((frame): frame is Seen => frame.at !== null);
        const steps = frames
          .slice(1)
          .map(({ pts, at }, index) => ({ pts, gap: pts - frames[index]!.pts, jump: at - frames[index]!.at }));
        const pause = steps.reduce((a, b) => (b.jump > a.jump ? b : a));
        assert.ok(pause.jump > 1400, `${take.name}: the pause shows`);
        const [silence, sound] = [widestGap(audio), audio.filter(({ pts }) => pts >= pause.pts).length];
        test.diagnostic(`${take.name}: gaps of ${ms(pause.gap)} of picture, ${ms(silence)} of sound at most`);
        assert.ok(pause.gap <= 2 / CLOCK_RATE, `${take.name}: a gap of ${ms(pause.gap)}`);
        // MediaRecorder is made anew at a pause, and its parts are joined where the longer track ends: sound lacks up to a
        // frame and a packet there (32 and 89 ms in Firefox 153 on a busy machine).
        const most = take.engine === 'webcodecs' ? 0.05 : 2 / CLOCK_RATE;
        assert.ok(silence <= most, `${take.name}: a gap of ${ms(silence)} in the sound`);
        assert.ok(sound > 0, `${take.name}: sound after the pause`);
        const first = video.find(({ pts }) => pts === pause.pts);
        assert.equal(first?.key, true, `${take.name}: a key frame follows the pause`);
      }
      assert.deepEqual(tab.faults, []);
    });
  },
  1,
);

const ms = (seconds: number): string => `${(seconds * 1000).toFixed(0)} ms`;

function assertCard(colours: number[][], what: string, test: { diagnostic(text: string): void }, most = COLOUR): void {
  const errors = colours.map((colour, bar) =>
    Math.max(...colour.map((value, channel) => Math.abs(value - EXPECTED[bar]![channel]!))),
  );
  const worst = Math.max(...errors);
  const bars = colours.map((colour) => colour.map(Math.round).join(' ')).join(', ');
  test.diagnostic(`${what}: colours differ by ${worst.toFixed(1)} of 255 at most`);
  assert.ok(worst <= most, `${what}: ${worst.toFixed(1)} of 255 (${bars})`);
}

/** The card as a camera gives it: limited range, BT.601. */
async function makeCameraCard(file: string): Promise<void> {
  const bars = CARD.flatMap((colour) => [
    '-f',
    'lavfi',
    '-i',
    `color=0x${colour}:size=80x480:rate=20:duration=1,format=rgb24`,
  ]);
  const join = `${CARD.map((_, index) => `[${index}]`).join('')}hstack=inputs=${CARD.length},scale=out_color_matrix=bt601:out_range=tv:flags=accurate_rnd+full_chroma_int,format=yuv420p`;
  await ffmpeg(...bars, '-filter_complex', join, '-y', file);
}
