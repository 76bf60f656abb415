import assert from 'node:assert/strict';
import { after, afterEach, before, it } from 'node:test';
import { LiveStage, status, until } from '../support/live-stage.js';
import { inEachBrowser, seconds } from '../support/stage.js';

const CAP = 2_500_000;
const WHOLE = 2_000_000;
const LOW = 300_000;

// An encoder at work is in what the other browser measures.
inEachBrowser(
  'the quality of a broadcast',
  (name) => {
    let stage: LiveStage;
    before(async () => (stage = await LiveStage.open(name)));
    afterEach(() => stage.clear());
    after(() => stage?.close());

    it('is there after ten seconds, and follows what the server allows', { timeout: 120_000 }, async (test) => {
      const tab = await stage.live({
        source: 'noise',
        options: { width: 1280, height: 720 },
        attributes: { 'max-bitrate': CAP },
      });
      const { video } = stage.sessions[0]!;
      await seconds(10);
      const { bytes, frames } = video;
      await seconds(5);
      const bitrate = ((video.bytes - bytes) * 8) / 5;
      const rate = (video.frames - frames) / 5;
      const { stats } = await status(tab);
      test.diagnostic(
        `${Math.round(bitrate / 1000)} kbps, ${rate.toFixed(1)} fps, ${stats!.width} x ${stats!.height}, ${stats!.codec}`,
      );
      const followed = async (bound: number, does: () => boolean, within: number) => {
        const since = performance.now();
        stage.media.faults.bitrate = bound;
        await until(does, within, `a bitrate that follows ${bound}: it is ${video.bitrate}`);
        return (performance.now() - since) / 1000;
      };
      // A burst of packets is in the last second, too.
      const down = await followed(LOW, () => video.bitrate <= 1.1 * LOW, 3);
      test.diagnostic(`down to ${LOW / 1000} kbps after ${down.toFixed(1)} s`);
      await seconds(5);
      const up = await followed(CAP, () => video.bitrate >= WHOLE, 30);
      test.diagnostic(`up again after ${up.toFixed(1)} s`);
      await stage.endsClean(tab);
      assert.ok(bitrate <= 1.1 * CAP, `${bitrate} bps`);
      assert.ok(bitrate >= WHOLE, `${bitrate} bps`);
      assert.ok(rate >= 24, `${rate} fps`);
    });
  },
  1,
);
