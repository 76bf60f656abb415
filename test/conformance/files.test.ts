import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { assertSeeks, assertTogether, toldTogether } from '../support/conforms.js';
import { decode, probe } from '../support/ffmpeg.js';
import { barColours, makeFlashFilm, median, readClock, soundOffsets, toneLevels, widestGap } from '../support/media.js';
import { inEachBrowser, seconds, Stage, type RecorderStatus, type Stopped } from '../support/stage.js';
import { CARD, Studio, way, WAYS, WITH_AAC } from '../support/studio.js';

const EXPECTED = CARD.map((colour) => [0, 2, 4].map((at) => parseInt(colour.slice(at, at + 2), 16)));

interface Seen {
  pts: number;
  at: number;
}

/** Most that a channel of a bar may differ, of 255. */
const COLOUR = 3;

/** Frames a second of the clock. */
const CLOCK_RATE = 20;

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

inEachBrowser('the sound of a file that was recorded', (name) => {
  // Not proved in Firefox: the sound card that it makes up for tests runs some per cent slow, and moves the tones.
  if (name === 'firefox') return;
  let stage: Stage;
  before(async () => (stage = await Stage.open(name)));
  after(() => stage?.close());

  it('is one track, with all sounds of the source in it', async (test) => {
    const recorders = [...WAYS[name], way('mediarecorder', 'webm')];
    const options = { frequencies: [500, 1500] };
    const tab = await stage.tab({ source: 'duet', options, recorders, library: 'off' });
    assert.deepEqual(new Set(await tab.call<string[]>('start')), new Set(['recording']));
    await tab.call('recorded', 2);
    for (const take of await tab.call<Stopped[]>('stop')) {
      const file = await stage.fetch(tab, take);
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
