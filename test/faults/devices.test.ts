import assert from 'node:assert/strict';
import { after, afterEach, before, it } from 'node:test';
import type { Tab } from '../support/browser.js';
import { assertConforms } from '../support/conforms.js';
import type { Packet } from '../support/ffmpeg.js';
import { median, shownColours, widestGap } from '../support/media.js';
import { inEachBrowser, seconds, Stage, type Stopped } from '../support/stage.js';
import { type Devices, KEEP, liveTracks, plug, TWO_CAMERAS, VIRTUAL } from '../support/two-devices.js';

/**
 * A phone: of its two cameras one can be open at a time. The first one shows red, the second one blue. They say that they
 * are cameras, clones too.
 * @param takes seconds that a camera takes to open, the first time, the second, and so on
 */
const phone = (...takes: number[]) => `
  {
    const takes = ${JSON.stringify(takes)};
    localStorage.clear();
    const { mediaDevices } = navigator;
    const real = mediaDevices.getUserMedia.bind(mediaDevices);
    const cameras = { 'video 1': '#c00', 'video 2': '#00c' };
    const open = new Set();
    const isOpen = () => [...open].some(({ readyState }) => readyState === 'live');
    const as = (track, id) => {
      const clone = track.clone.bind(track);
      track.clone = () => as(clone(), id);
      track.getSettings = () => ({ width: 640, height: 480, frameRate: 30, deviceId: id, groupId: id });
      open.add(track);
      return track;
    };
    const camera = (id) => {
      const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 480 });
      const context = canvas.getContext('2d');
      let frame = 0;
      setInterval(() => {
        context.fillStyle = cameras[id];
        context.fillRect(0, 0, 640, 480);
        context.fillStyle = '#fff';
        context.fillRect((frame++ * 7) % 600, 20, 40, 40);
      }, 1000 / 30);
      return as(canvas.captureStream(30).getVideoTracks()[0], id);
    };
    const device = (kind, id) => ({ kind, deviceId: id, label: id, groupId: id, toJSON: () => ({}) });
    mediaDevices.enumerateDevices = async () => [
      ...Object.keys(cameras).map((id) => device('videoinput', id)),
      device('audioinput', 'audio 1'),
    ];
    mediaDevices.getUserMedia = async ({ video, audio }) => {
      const id = (video && video.deviceId?.exact) || 'video 1';
      if (video && isOpen()) throw new DOMException('Could not start video source', 'NotReadableError');
      if (video) await new Promise((opened) => setTimeout(opened, takes.shift() * 1000));
      const sound = audio ? (await real({ audio: true })).getTracks() : [];
      return new MediaStream([...(video ? [camera(id)] : []), ...sound]);
    };
  }
`;

/** The first key frame from a moment on, and the seconds before it in which there is no other frame. */
function turn(video: readonly Packet[], from: number): { at: number; gap: number } {
  const index = video.findIndex(({ pts, key }) => key && pts > from);
  assert.ok(index > 0, 'the first frame of the other camera is a key frame');
  return { at: video[index]!.pts, gap: video[index]!.pts - video[index - 1]!.pts };
}

/** Which camera of a phone each tenth of a second shows, and the second from which on it is the other one. */
async function camerasSeen(file: string): Promise<{ kinds: string[]; turned: number }> {
  const colours = await shownColours(file);
  const kinds = colours.map(([red, , blue]) => (red > 2 * blue ? 'first' : blue > 2 * red ? 'second' : 'none'));
  const turned = kinds.indexOf('second');
  assert.ok(!kinds.slice(turned).includes('first'), kinds.join(' '));
  return { kinds, turned: turned / 10 };
}

/** Seconds. Firefox's parts of two MediaRecorders are joined within packets of 20 ms. */
const SOUND_GAP = { chromium: 0.05, firefox: 0.1 };

const interval = (video: readonly Packet[]) => median(video.slice(1).map(({ pts }, i) => pts - video[i]!.pts));

inEachBrowser(
  'a take whose devices change',
  (browser) => {
    let stage: Stage;
    before(async () => (stage = await Stage.open(browser, browser === 'chromium' ? TWO_CAMERAS : {})));
    afterEach(() => stage.clear());
    after(() => stage?.close());

    const open = (prelude: string, attributes: Record<string, string | boolean> = {}) =>
      stage.tab(
        { source: 'devices', library: 'manual', attributes: { width: '640', height: '480', ...attributes } },
        { prelude },
      );

    async function stop(tab: Tab): Promise<Stopped> {
      const [take] = await tab.call<Stopped[]>('stop');
      assert.deepEqual(tab.faults, []);
      return take!;
    }

    it('goes on in one file when camera and microphone are switched', async (test) => {
      const tab = await open(browser === 'chromium' ? KEEP : VIRTUAL);
      assert.deepEqual(await tab.call('start'), ['recording']);
      await tab.call('recorded', 2);
      const began = Date.now();
      const { list, active } = await tab.call<Devices>('devices');
      const other = (kind: 'video' | 'audio') =>
        list.find((device) => device.kind === `${kind}input` && device.deviceId !== active[kind])!;
      const before = await liveTracks(tab);
      const camera = await tab.call<{ at: number; outcome: string }>('switchDevice', 'video', other('video').deviceId);
      assert.equal(camera.outcome, 'done');
      const took = Date.now() - began;
      await tab.call('recorded', camera.at + 2.5);
      const microphone = await tab.call<{ outcome: string }>('switchDevice', 'audio', other('audio').label);
      assert.equal(microphone.outcome, 'done');
      assert.equal((await liveTracks(tab)).length, before.length, 'the old ones are let go');
      const wrong = await tab.call<{ outcome: string }>('switchDevice', 'video', 'Garden Camera');
      assert.equal(wrong.outcome, 'overconstrained');
      await tab.call('recorded', camera.at + 5);
      const now = await tab.call<Devices>('devices');
      assert.deepEqual(now.active, { video: other('video').deviceId, audio: other('audio').deviceId });
      const { video, audio } = await assertConforms(stage, tab, await stop(tab));
      const { at, gap } = turn(video, camera.at);
      const usual = interval(video);
      const sound = widestGap(audio);
      test.diagnostic(
        `asked at ${camera.at.toFixed(2)} s, there at ${at.toFixed(2)} s, after ${took} ms; ` +
          `${(gap * 1000).toFixed(0)} ms between the frames around it (usual ${(usual * 1000).toFixed(0)} ms); ` +
          `widest gap of sound ${(sound * 1000).toFixed(0)} ms`,
      );
      assert.ok(gap <= 2 * usual + 0.002, `${gap} s`);
      assert.ok(sound < SOUND_GAP[browser], `${sound} s`);
    });

    it('goes on with another camera and another microphone when those are unplugged, and back', async (test) => {
      const tab = await open(VIRTUAL, { 'device-fallback': true });
      assert.deepEqual(await tab.call('start'), ['recording']);
      await tab.call('recorded', 2);
      await plug(tab, 'video 2', 'audio 1', 'audio 2');
      await tab.call('using', 'video', 'video 2');
      await tab.call('missing', 'none');
      await seconds(1.5);
      await plug(tab, 'video 2', 'audio 2');
      await tab.call('using', 'audio', 'audio 2');
      await seconds(1.5);
      await plug(tab, 'video 1', 'video 2', 'audio 1', 'audio 2');
      await tab.call('using', 'video', 'video 1');
      await tab.call('using', 'audio', 'audio 1');
      await seconds(1.5);
      const now = await tab.call<Devices>('devices');
      assert.equal(now.error, null);
      assert.equal(now.state, 'live');
      const { video, audio } = await assertConforms(stage, tab, await stop(tab));
      const widest = Math.max(...video.slice(1).map(({ pts }, index) => pts - video[index]!.pts));
      test.diagnostic(
        `widest step between frames ${(widest * 1000).toFixed(0)} ms, gap of sound ${(widestGap(audio) * 1000).toFixed(0)} ms`,
      );
      assert.ok(widest <= 1, `${widest} s`);
      assert.ok(widestGap(audio) < SOUND_GAP[browser], `${widestGap(audio)} s`);
    });

    it('holds its last picture, and shows no black one, while one camera is closed before the other opens', async (test) => {
      const tab = await open(phone(0, 2));
      assert.deepEqual(await tab.call('start'), ['recording']);
      await tab.call('recorded', 2);
      const [{ at, outcome }] = await Promise.all([
        tab.call<{ at: number; outcome: string }>('switchDevice', 'video', 'video 2'),
        tab.call('missing', 'no-media'),
      ]);
      assert.equal(outcome, 'done');
      assert.equal((await tab.call<Devices>('devices')).error, null);
      await tab.call('recorded', at + 5);
      const { file, video, audio } = await assertConforms(stage, tab, await stop(tab));
      const { kinds, turned } = await camerasSeen(file);
      const widest = Math.max(...video.slice(1).map(({ pts }, index) => pts - video[index]!.pts));
      test.diagnostic(`the second is seen from ${turned} s on; widest step between frames ${widest.toFixed(2)} s`);
      assert.deepEqual(new Set(kinds), new Set(['first', 'second']), kinds.join(' '));
      assert.ok(turned >= at + 1.9, `the first was seen until ${turned} s, and closed after ${at} s`);
      // What is written shows the picture again, so that what lies behind it does not wait for the next.
      if (browser === 'chromium') assert.ok(widest < 1, `${widest} s`);
      assert.ok(widestGap(audio) < SOUND_GAP[browser], `${widestGap(audio)} s`);
    });

    it('holds its last picture for less than a second where the other camera opens as those of phones do', async (test) => {
      const tab = await open(phone(0, 0.6));
      assert.deepEqual(await tab.call('start'), ['recording']);
      await tab.call('recorded', 2);
      const { at, outcome } = await tab.call<{ at: number; outcome: string }>('switchDevice', 'video', 'video 2');
      assert.equal(outcome, 'done');
      await tab.call('recorded', at + 3);
      const { file, audio } = await assertConforms(stage, tab, await stop(tab));
      const { kinds, turned } = await camerasSeen(file);
      test.diagnostic(`the first stands for ${(turned - at).toFixed(1)} s`);
      assert.deepEqual(new Set(kinds), new Set(['first', 'second']), kinds.join(' '));
      assert.ok(turned - at <= 1, `the first was seen until ${turned} s, and closed after ${at} s`);
      assert.ok(widestGap(audio) < SOUND_GAP[browser], `${widestGap(audio)} s`);
    });

    it('goes on with the first camera where the second is given up and the first opens slowly again', async () => {
      // Three seconds until the second is given up, and two and a half until the first is there.
      const tab = await open(phone(0, 5, 2.5));
      assert.deepEqual(await tab.call('start'), ['recording']);
      await tab.call('recorded', 2);
      const { at, outcome } = await tab.call<{ at: number; outcome: string }>('switchDevice', 'video', 'video 2');
      assert.equal(outcome, 'aborted');
      assert.equal((await tab.call<Devices>('devices')).state, 'live');
      await tab.call('recorded', at + 8);
      const { file, audio } = await assertConforms(stage, tab, await stop(tab));
      const colours = await shownColours(file);
      assert.ok(colours.length / 10 > at + 7, `${colours.length / 10} s, switched at ${at} s`);
      assert.ok(colours.every(([red, , blue]) => red > 2 * blue));
      assert.ok(widestGap(audio) < SOUND_GAP[browser], `${widestGap(audio)} s`);
    });
  },
  1,
);
