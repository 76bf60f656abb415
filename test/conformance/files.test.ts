import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import { assertSeeks, assertTogether, toldTogether } from '../support/conforms.js';
import { probe } from '../support/ffmpeg.js';
import { makeFlashFilm, median, readClock, soundOffsets, widestGap } from '../support/media.js';
import { inEachBrowser, seconds } from '../support/stage.js';
import { Studio, way, WAYS, WITH_AAC } from '../support/studio.js';

interface Seen {
  pts: number;
  at: number;
}

/** Frames a second of the clock. */
const CLOCK_RATE = 20;

// Times are measured: the other browser would be in them.
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
