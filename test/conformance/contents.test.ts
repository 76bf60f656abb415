import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { it } from 'node:test';
import { assertSeeks } from '../support/conforms.js';
import { decode, probe } from '../support/ffmpeg.js';
import { barColours, greyPicture, toneLevels } from '../support/media.js';
import { inEachBrowser, type RecorderStatus, type Stopped } from '../support/stage.js';
import { CARD, Studio, way, WAYS, WITH_AAC } from '../support/studio.js';

const EXPECTED = CARD.map((colour) => [0, 2, 4].map((at) => parseInt(colour.slice(at, at + 2), 16)));

/** Most that a channel of a bar may differ, of 255. */
const COLOUR = 3;

/** Of takes whose colours are looked at: one that follows what the other browser leaves may be recorded at less. */
const quality = 'fixed';

inEachBrowser('what is in a file that was recorded', (name) => {
  const studio = new Studio(name);

  it('shows camera colours as they were, plays and seeks', async (test) => {
    const { tab, files } = await studio.shoot(
      { source: 'devices', attributes: { width: 640, height: 480, quality } },
      4,
    );
    for (const { take, file } of files) {
      const took = await assertSeeks(tab, file);
      test.diagnostic(`${take.name}: seek to 80 % in ${took.toFixed(0)} ms, stop in ${take.took.toFixed(0)} ms`);
      // Firefox's fake camera shows no card.
      if (name === 'chromium') assertCard(await barColours(file, CARD.length, 2), take.name, test);
    }
    assert.deepEqual(tab.faults, []);
  });

  it('shows canvas colours as they were', async (test) => {
    const card = { source: 'card', attributes: { quality } };
    const { tab, files } = await studio.shoot(card, 3);
    // Small enough for VP9 where the larger one is VP8: the colours of VP8 are one way, whatever the file says of them.
    const small = await studio.shoot({ ...card, options: { width: 320, height: 240 } }, 3);
    for (const { take, file } of [...files, ...small.files]) {
      // Not met: Firefox's VP8 by WebCodecs left a still card 4 and 5/255 off in two runs (docs/recording.md). Not its default.
      const most = name === 'firefox' && take.engine === 'webcodecs' ? 6 : COLOUR;
      assertCard(await barColours(file, CARD.length, 2), `${take.name}, ${take.mimeType}`, test, most);
    }
    assert.deepEqual([...tab.faults, ...small.tab.faults], []);
  });

  it('is as good when MediaRecorder makes it, and with AAC', async (test) => {
    studio.stage.server.policy = WITH_AAC;
    const recorders = [way('mediarecorder', 'webm')];
    if (name === 'chromium') recorders.push(way('mediarecorder', 'mp4'), way('webcodecs', 'mp4'));
    const { tab, files } = await studio.shoot(
      { source: 'devices', attributes: { width: 640, height: 480, quality }, recorders },
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

  // Not proved in Firefox: the sound card that it makes up for tests runs some per cent slow, and moves the tones.
  if (name === 'chromium')
    it('has one track of sound, with all sounds of the source in it', async (test) => {
      const recorders = [...WAYS[name], way('mediarecorder', 'webm')];
      const options = { frequencies: [500, 1500] };
      const tab = await studio.stage.tab({ source: 'duet', options, recorders, library: 'off' });
      assert.deepEqual(new Set(await tab.call<string[]>('start')), new Set(['recording']));
      await tab.call('recorded', 2);
      for (const take of await tab.call<Stopped[]>('stop')) {
        const file = await studio.stage.fetch(tab, take);
        const [{ streams }, { errors }, [low, high, between]] = await Promise.all([
          probe(file),
          decode(file),
          toneLevels(file, [500, 1500, 1000]),
        ]);
        const what = `${take.name}: ${[low, high, between].map((level) => level!.toFixed(3)).join(', ')}`;
        test.diagnostic(`${what} at 500, 1500 and 1000 Hz`);
        assert.deepEqual(errors, []);
        assert.deepEqual(streams.map(({ codec_type }) => codec_type).sort(), ['audio', 'video']);
        // Each was given with 0.1.
        assert.ok(low! > 0.05 && high! > 0.05 && between! < 0.03, what);
      }
      assert.deepEqual(tab.faults, []);
    });
});

function assertCard(colours: number[][], what: string, test: { diagnostic(text: string): void }, most = COLOUR): void {
  const errors = colours.map((colour, bar) =>
    Math.max(...colour.map((value, channel) => Math.abs(value - EXPECTED[bar]![channel]!))),
  );
  const worst = Math.max(...errors);
  const bars = colours.map((colour) => colour.map(Math.round).join(' ')).join(', ');
  test.diagnostic(`${what}: colours differ by ${worst.toFixed(1)} of 255 at most`);
  assert.ok(worst <= most, `${what}: ${worst.toFixed(1)} of 255 (${bars})`);
}
