import { expect } from '@open-wc/testing';
import '../../dist/define/media-producer.js';
import '../../dist/define/stream-recorder.js';
import { clockTime, fileSize, timeLeft } from '../../dist/components/stream-recorder/figures.js';
import { recorderSettings } from '../../dist/components/stream-recorder/settings.js';
import { takeSettings } from '../../dist/core/record/settings.js';
import { DEFAULT_SETTINGS, type RecorderSettings } from '../../dist/core/record/index.js';
import { GIVEN, insert, live, record, tidy } from './stream-recorder-support.js';

afterEach(tidy);

/** What a take makes of the attributes. */
const settings = (element: Parameters<typeof recorderSettings>[0]) => takeSettings(recorderSettings(element));
const defaults = takeSettings(DEFAULT_SETTINGS as RecorderSettings);

describe('the settings of stream-recorder', () => {
  it('takes what it does not understand for the default', async () => {
    const nonsense =
      'format="vhs" engine="steam" video-bitrate="-1" audio-bitrate="loud" max-duration="soon" flush-bytes="" flush-interval="0" max-latency="-1" drop-threshold="many" latency-mode="warp" hardware-acceleration="yes" key-interval="0"';
    const element = await live(GIVEN.replace('<stream-recorder', `<stream-recorder ${nonsense}`));
    expect(settings(element)).to.deep.equal(defaults);
    Object.assign(element, {
      recordingName: {},
      collection: null,
      format: undefined,
      videoBitrate: {},
      maxDuration: NaN,
    });
    expect(settings(element)).to.deep.equal(defaults);
    expect((await record(element)).state).to.equal('saved');
  });

  it('reads its settings as they are written', async () => {
    const element = await insert(`<stream-recorder recording-name=" A " collection="c" format="MP4" engine="webcodecs"
      video-bitrate="2e6" audio-bitrate="96000.4" max-duration="1.5" flush-bytes="1048576" flush-interval="0.5" max-latency="1"
      drop-threshold="0.1" latency-mode="quality" hardware-acceleration="prefer-software" key-interval="3"></stream-recorder>`);
    expect(settings(element)).to.deep.equal({
      name: 'A',
      collection: 'c',
      format: 'mp4',
      engine: 'webcodecs',
      videoBitrate: 2e6,
      audioBitrate: 96000,
      maxDuration: 1.5,
      flushBytes: 2 ** 20,
      flushInterval: 0.5,
      maxLatency: 1,
      dropThreshold: 0.1,
      latencyMode: 'quality',
      hardwareAcceleration: 'prefer-software',
      keyInterval: 3,
    });
  });
});

describe('the figures of stream-recorder', () => {
  it('are honest and have units', () => {
    expect([0, 9.99, 61, 3599.9, 3600, 36061].map(clockTime)).to.deep.equal([
      '0:00',
      '0:09',
      '1:01',
      '59:59',
      '1:00:00',
      '10:01:01',
    ]);
    expect([0, 999, 12_345, 3_450_000, 2.04e9].map((bytes) => fileSize(bytes, 'en'))).to.deep.equal([
      '0 kB',
      '1 kB',
      '12 kB',
      '3.5 MB',
      '2.0 GB',
    ]);
    const left = [0, 59, 119, 150, 7199, 7200, 86_399, 1e6].map((seconds) => {
      const { key, count, short } = timeLeft(seconds);
      return `${short ? '!' : ''}${count} ${key.slice('recorder.left.'.length)}`;
    });
    expect(left).to.deep.equal([
      '!0 seconds',
      '!50 seconds',
      '!110 seconds',
      '2 minutes',
      '119 minutes',
      '2 hours',
      '23 hours',
      '24 plenty',
    ]);
  });
});
