import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { Levels } from '../../../src/core/audio/index.js';
import {
  ConnectionProbe,
  diagnose,
  THRESHOLDS,
  type Cause,
  type Measure,
  type MonitorState,
  type Thresholds,
} from '../../../src/core/monitor/index.js';
import { settle } from './fake-page.js';
import { Studio, type Second } from './studio.js';

/** What is told after seconds that are well, and seconds that are not. */
async function seen(second: Second, seconds = 6, studio = new Studio(), begin = () => {}) {
  studio.monitor.start();
  for (let count = 0; count < 6; count++) {
    studio.run(1);
    await settle();
  }
  const before = studio.monitor.snapshot().diagnosis;
  assert.deepEqual([before.state, before.findings], ['ok', []]);
  begin();
  for (let count = 0; count < seconds; count++) {
    studio.run(1, second);
    await settle();
  }
  studio.monitor.stop();
  return studio.monitor.snapshot();
}

/** What finds nothing. */
const OFF = Object.fromEntries(
  Object.keys(THRESHOLDS).map((measure) => [measure, { warn: Infinity, bad: Infinity }]),
) as unknown as Thresholds;

const FAULTS: readonly [fault: string, second: Second, state: MonitorState, cause: Cause][] = [
  ['a camera that gives 20 frames of 30', { captured: 20 }, 'bad', 'capture'],
  ['a camera that gives 28 frames of 30', { captured: 28 }, 'warn', 'capture'],
  ['a camera whose frames do not come', { captured: 28, missing: 2 }, 'bad', 'capture'],
  ['an encoder that cannot keep up', { encode: 0.035, late: 8 }, 'bad', 'encoder'],
  ['an encoder that holds the buffers of the camera', { captured: 25, missing: 5, encode: 0.036 }, 'bad', 'encoder'],
  ['an encoder that is about to be late', { encode: 0.029 }, 'warn', 'encoder'],
  ['a queue that is full', { queue: 1 }, 'warn', 'encoder'],
  ['a disk that costs frames', { disk: 6, write: 0.08, headroom: { disk: 0 } }, 'bad', 'disk'],
  ['a disk that is slow', { write: 0.06 }, 'warn', 'disk'],
  [
    'a disk that holds up all of its worker',
    { captured: 20, missing: 10, late: 5, encode: 0.06, write: 0.095 },
    'bad',
    'disk',
  ],
  ['a network that loses packets', { lostPackets: 0.08 }, 'bad', 'network'],
  ['a page that is blocked', { blocked: 0.6, previewDropped: 12 }, 'bad', 'page'],
  ['a page that stutters', { blocked: 0.1 }, 'warn', 'page'],
  ['a preview that is not shown', { previewDropped: 10 }, 'bad', 'preview'],
  ['memory that is short', { heap: 3.2e9 }, 'warn', 'memory'],
];

describe('the diagnosis', () => {
  for (const [fault, second, state, cause] of FAULTS) {
    it(`of ${fault} is ${cause}, ${state}, and nothing else`, async () => {
      const { diagnosis } = await seen(second);
      assert.deepEqual([diagnosis.state, diagnosis.cause], [state, cause]);
      assert.deepEqual(
        diagnosis.findings.map((finding) => finding.cause),
        [cause],
      );
      const [{ value, limit, measure }] = diagnosis.findings as [(typeof diagnosis.findings)[number]];
      const { warn, bad } = THRESHOLDS[measure];
      assert.ok(warn < bad ? value > limit : value < limit, `${measure} ${value}`);
    });
  }

  for (const [fault, second, state, cause] of FAULTS)
    it(`of ${fault} is ${cause} alone, also where the processor is under pressure`, async () => {
      const studio = new Studio();
      const { diagnosis, machine } = await seen(second, 6, studio, () => studio.page.press('critical'));
      assert.equal(machine.cpu, 'critical');
      assert.deepEqual(
        diagnosis.findings.map((finding) => [finding.state, finding.cause]),
        [[state, cause]],
      );
    });

  it('is of the processor where that is under pressure and all else is well', async () => {
    const studio = new Studio();
    const { diagnosis } = await seen({}, 6, studio, () => studio.page.press('critical'));
    assert.deepEqual(
      diagnosis.findings.map((finding) => [finding.state, finding.cause]),
      [['warn', 'cpu']],
    );
  });

  it('tells of what a quality was lowered for itself while that lasts, whichever it is', async () => {
    const move = { quality: { level: 0.64 }, cause: '' };
    const studio = new Studio({ quality: () => move, sends: false });
    const { page, monitor } = studio;
    const told = () => {
      studio.work({ captured: 30, encode: 0.01, write: 0.002, heap: 10e6 });
      page.time += 1000;
      return monitor.look().diagnosis.findings.map(({ measure }) => measure);
    };
    monitor.start();
    await settle();
    move.cause = 'cpu';
    told();
    assert.deepEqual(told(), ['quality:level']);
    page.press('critical');
    assert.deepEqual(told(), ['cpu:pressure']);
    monitor.stop();
  });

  it('is never that all is well where anything was found, whatever a quality was lowered for', async () => {
    const well = await seen({});
    const [cpu, preview] = [
      { machine: { ...well.machine, cpu: 'critical' as const } },
      { preview: { ...well.preview, lost: 0.03 } },
    ];
    for (const cause of ['encoder', 'drops', 'disk', 'cpu', 'battery', 'hidden', 'network'])
      for (const [beside, told] of [
        [{}, 'quality:level'],
        [cpu, 'cpu:pressure'],
        [preview, 'preview:lost'],
        [{ ...cpu, ...preview }, 'preview:lost'],
      ] as const) {
        const { state, findings } = diagnose({
          ...well,
          encoder: { ...well.encoder, quality: 0.64, cause },
          ...beside,
        });
        assert.deepEqual([state, findings.map(({ measure }) => measure)], ['warn', [told]], cause);
      }
  });

  it('is of no network for a packet that is lost in one second of many', async () => {
    const studio = new Studio();
    await seen({}, 6, studio);
    studio.monitor.start();
    for (const lostPackets of [0.0156, 0, 0, 0, 0, 0]) {
      studio.run(1, { lostPackets });
      await settle();
      assert.equal(studio.monitor.snapshot().diagnosis.cause, null);
    }
    studio.monitor.stop();
  });

  it('of a connection is what its publisher says that presses on it, and not what the browser does', async () => {
    for (const [pressure, told] of [
      [25, 'bad network'],
      [1.5, 'warn network'],
      [0.25, 'ok null'],
      [null, 'ok null'],
    ] as const) {
      const studio: Studio = new Studio({
        network: new ConnectionProbe(
          () => studio.connection,
          () => pressure,
        ),
      });
      studio.connection.limited = 'bandwidth';
      studio.monitor.start();
      for (let second = 0; second < 3; second++) {
        studio.run(1);
        await settle();
      }
      const { state, cause } = studio.monitor.snapshot().diagnosis;
      assert.equal(`${state} ${cause}`, told);
      studio.monitor.stop();
    }
  });

  it('of a connection that is held back by its bandwidth is network', async () => {
    const studio = new Studio();
    studio.connection.limited = 'none';
    await seen({}, 1, studio);
    studio.connection.limited = 'bandwidth';
    studio.monitor.start();
    studio.run(1);
    await settle();
    studio.run(1);
    const { state, cause } = studio.monitor.snapshot().diagnosis;
    assert.deepEqual([state, cause], ['warn', 'network']);
  });

  it('of memory that grows is memory, and not before it comes to something', async () => {
    const studio = new Studio();
    studio.monitor.start();
    const states: string[] = [];
    for (let second = 0; second < 180; second++) {
      studio.run(1, { heap: 10e6 + second * 0.4e6 });
      states.push(`${studio.monitor.snapshot().diagnosis.state} ${studio.monitor.snapshot().diagnosis.cause}`);
    }
    assert.equal(states[60], 'ok null', '24 MB in the first minute');
    assert.equal(states.at(-1), 'bad memory');
    const { memory } = studio.monitor.snapshot();
    assert.ok(Math.abs((memory.slope as number) / (0.4e6 * 3600) - 1) < 0.02, String(memory.slope));
  });

  it('is of the memory when its limit is near', async () => {
    const { diagnosis } = await seen({ heap: 3.2e9 }, 1);
    assert.deepEqual([diagnosis.state, diagnosis.cause], ['warn', 'memory']);
  });

  it('says of a lower quality what it was lowered for, once nothing is lost any more', async () => {
    let move: { quality: { level: number }; cause: string } | null = null;
    const studio = new Studio({ quality: () => move });
    await seen({}, 1, studio);
    move = { quality: { level: 0.64 }, cause: 'disk' };
    assert.deepEqual(told(), ['warn', 'disk']);
    move = { quality: { level: 0.8 }, cause: 'ease' };
    assert.deepEqual(told(), ['warn', 'disk'], 'a step up is not back yet');
    move = { quality: { level: 1 }, cause: 'ease' };
    assert.deepEqual(told(), ['ok', null]);
    move = { quality: { level: 0.8 }, cause: 'drops' };
    assert.deepEqual(told(), ['warn', 'encoder']);

    function told() {
      studio.page.time += 1000;
      studio.work({ captured: 30, encode: 0.01, write: 0.002, heap: 10e6 });
      const { state, cause } = studio.monitor.look().diagnosis;
      return [state, cause];
    }
  });

  it('says of a lower quality that nobody has told the reason of that the encoder has it', () => {
    const move = { quality: { level: 0.8 }, cause: 'ease' };
    const { monitor } = new Studio({ quality: () => move, sends: false });
    const { state, cause } = monitor.look().diagnosis;
    assert.deepEqual([state, cause], ['warn', 'encoder']);
  });

  it('is of a microphone that gives nothing, or too much', () => {
    const sound = { silentFor: 8, clips: 0, channels: [], loudness: null, truePeak: null, noiseFloor: null };
    const { page, monitor } = new Studio({ levels: () => sound as unknown as Levels, sends: false });
    const told = () => {
      page.time += 1000;
      const { state, cause } = monitor.look().diagnosis;
      return [state, cause];
    };
    assert.deepEqual(told(), ['warn', 'audio']);
    sound.silentFor = 31;
    assert.deepEqual(told(), ['bad', 'audio']);
    sound.silentFor = 0;
    assert.deepEqual(told(), ['idle', null]);
    sound.clips = 40;
    assert.deepEqual(told(), ['bad', 'audio']);
  });

  it('is of a battery and of a processor, which is never more than a warning', async () => {
    const studio = new Studio();
    const { page, monitor } = studio;
    monitor.start();
    await settle();
    page.battery.charging = false;
    page.battery.level = 0.1;
    page.battery.dispatchEvent(new Event('levelchange'));
    page.press('critical');
    assert.deepEqual(monitor.look().diagnosis.findings, [], 'nothing goes on that could suffer');
    studio.run(3);
    const found = () => monitor.look().diagnosis.findings.map(({ cause, state }) => `${cause} ${state}`);
    assert.deepEqual(found(), ['cpu warn', 'battery warn']);
    page.press('serious');
    assert.deepEqual(found(), ['cpu warn', 'battery warn']);
    page.press('fair');
    assert.deepEqual(found(), ['battery warn']);
    monitor.stop();
  });

  it('is idle while nothing is captured, recorded or sent', () => {
    const studio = new Studio({ preview: () => null, sends: false });
    studio.monitor.start();
    studio.page.pass(10);
    assert.deepEqual(studio.monitor.snapshot().diagnosis, { state: 'idle', cause: null, findings: [] });
  });

  it('goes by the thresholds that it is given', async () => {
    const snapshot = await seen({ captured: 28 });
    assert.equal(diagnose(snapshot).state, 'warn');
    assert.equal(diagnose(snapshot, { ...THRESHOLDS, 'capture:rate': { warn: 0.9, bad: 0.5 } }).state, 'ok');
    assert.equal(diagnose(snapshot, { ...THRESHOLDS, 'capture:rate': { warn: 0.99, bad: 0.98 } }).state, 'bad');
  });

  it('knows which way a measure goes where warning and trouble are the same, and finds nothing beyond all numbers', async () => {
    const snapshot = await seen({ captured: 28, blocked: 0.1 });
    const causes = (limits: Partial<Thresholds>) =>
      diagnose(snapshot, { ...OFF, ...limits }).findings.map(({ cause, state }) => `${cause} ${state}`);
    assert.deepEqual(causes({}), []);
    for (const measure of Object.keys(THRESHOLDS) as Measure[])
      for (const limit of [Infinity, -Infinity, NaN])
        assert.deepEqual(causes({ [measure]: { warn: limit, bad: limit } }), [], measure);
    assert.deepEqual(causes({ 'page:blocked': { warn: 0.2, bad: 0.2 } }), []);
    assert.deepEqual(causes({ 'page:blocked': { warn: 0.05, bad: 0.05 } }), ['page bad']);
    assert.deepEqual(causes({ 'capture:rate': { warn: 0.9, bad: 0.9 } }), []);
    assert.deepEqual(causes({ 'capture:rate': { warn: 0.95, bad: 0.95 } }), ['capture bad']);
    assert.deepEqual(causes({ 'capture:rate': { warn: 0.95, bad: -Infinity } }), ['capture warn']);
  });

  it('is the other way round for no measure of which one limit is taken away', async () => {
    const studio = new Studio();
    const snapshot = await seen({}, 6, studio, () => {
      studio.page.press('nominal');
      studio.page.battery.charging = false;
      studio.page.battery.dispatchEvent(new Event('levelchange'));
    });
    const sound = { peak: -12, momentary: null, integrated: null, truePeak: null, noiseFloor: null };
    const well = {
      ...snapshot,
      encoder: { ...snapshot.encoder, quality: 1 },
      audio: { ...sound, clips: 0, silentFor: 0 },
      network: { ...snapshot.network!, pressure: 0.5 },
    };
    assert.equal(diagnose(well).state, 'ok');
    for (const measure of Object.keys(THRESHOLDS) as Measure[])
      for (const which of ['warn', 'bad'])
        for (const limit of [Infinity, -Infinity, NaN]) {
          const limits = { ...THRESHOLDS, [measure]: { ...THRESHOLDS[measure], [which]: limit } };
          assert.deepEqual(diagnose(well, limits).findings, [], `${measure} ${which} ${limit}`);
        }
    const late = { ...well, encoder: { ...well.encoder, lost: 0.06 } };
    const { state } = diagnose(late, { ...THRESHOLDS, 'encoder:lost': { warn: Infinity, bad: 0.05 } });
    assert.equal(state, 'bad', 'the other limit counts');
    const turned = { ...THRESHOLDS, 'capture:rate': { warn: 1.5, bad: 2 } };
    assert.deepEqual(diagnose(well, turned).findings, [], 'too much counts where both limits say so');
  });

  it('has no word against a screen, which may stand still', async () => {
    const studio = new Studio();
    studio.target = null;
    for (const captured of [2, 0])
      assert.deepEqual((await seen({ captured }, 6, studio)).diagnosis.findings, [], `${captured} a second`);
  });

  it('is well again once a window has passed', async () => {
    const studio = new Studio();
    await seen({ late: 10, encode: 0.04 }, 6, studio);
    studio.monitor.start();
    studio.run(7);
    assert.equal(studio.monitor.snapshot().diagnosis.state, 'ok');
  });
});

describe('the documents', () => {
  it('tell the thresholds that there are', () => {
    const text = readFileSync(new URL('../../../docs/monitoring.md', import.meta.url), 'utf8');
    const rows = [...text.matchAll(/^\| `(\w+:\w+)` +\|.*\| ([\d.e]+) +\| ([\d.e]+|Infinity) +\|$/gm)];
    const told = rows.map(([, measure, warn, bad]) => [measure, { warn: Number(warn), bad: Number(bad) }]);
    assert.deepEqual(Object.fromEntries(told), THRESHOLDS);
  });
});
