import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { it } from 'node:test';
import { assertSeeks } from '../support/conforms.js';
import { probe } from '../support/ffmpeg.js';
import { greyPicture } from '../support/media.js';
import { inEachBrowser } from '../support/stage.js';
import { Studio, way, WAYS } from '../support/studio.js';

inEachBrowser('a file whose picture changes its shape', (name) => {
  const studio = new Studio(name);

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
});
