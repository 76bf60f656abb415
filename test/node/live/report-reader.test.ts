import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ReportReader } from '../../../src/core/live/watch.js';

const LATE = 2000;

/** A report: what was sent, and when the other side last told of it. */
const report = (packets: number, heardAt: number | null, more: object = {}) =>
  new Map<string, object>([
    [
      'v',
      {
        id: 'v',
        type: 'outbound-rtp',
        kind: 'video',
        packetsSent: packets,
        bytesSent: packets * 1000,
        frameWidth: 640,
        frameHeight: 360,
        framesPerSecond: 30,
        codecId: 'c',
        ...more,
      },
    ],
    ['c', { id: 'c', type: 'codec', mimeType: 'video/VP8' }],
    ...(heardAt === null
      ? []
      : ([['r', { id: 'r', type: 'remote-inbound-rtp', timestamp: heardAt, roundTripTime: 0.01 }]] as const)),
  ]) as unknown as RTCStatsReport;

describe('reports of a connection', () => {
  it('are silence while packets go and nobody tells of them', () => {
    const reader = new ReportReader();
    for (let now = 0; now <= 2000; now += 500) reader.read(report(now, Math.floor(now / 1000)), now, LATE);
    for (let now = 2500; now <= 5000; now += 500) reader.read(report(now, 2), now, LATE);
    assert.equal(reader.silent(5000), 3);
  });

  it('are silence, too, where the browser stops to send soon after', () => {
    const reader = new ReportReader();
    for (let now = 0; now <= 1000; now += 500) reader.read(report(now, now), now, LATE);
    for (let now = 1500; now <= 5000; now += 500) reader.read(report(1100, 1000), now, LATE);
    assert.equal(reader.silent(5000), 4);
  });

  it('are none while nothing is sent', () => {
    const reader = new ReportReader();
    reader.read(report(10, 1), 0, LATE);
    for (let now = 500; now <= 60_000; now += 500) reader.read(report(10, 1), now, LATE);
    assert.equal(reader.silent(60_000), 0);
  });

  it('tell nothing where the other side never did', () => {
    const reader = new ReportReader();
    for (let now = 0; now <= 9000; now += 500) reader.read(report(now, null), now, LATE);
    assert.equal(reader.silent(9000), null);
  });

  it('are silence where the other side is known to report, and does not', () => {
    const reader = new ReportReader([1]);
    for (let now = 0; now <= 4000; now += 500) reader.read(report(now, null), now, LATE);
    assert.equal(reader.silent(4000), 4);
  });

  it('have to be missing for longer where they are seldom, or nobody knows yet how often they come', () => {
    for (const [every, patience, suspicious] of [
      [0.5, 3, 1.5],
      [1, 3, 2.5],
      [5, 12.5, 12.5],
    ] as const) {
      const reader = new ReportReader();
      reader.read(report(0, 0), 0, LATE);
      assert.equal(reader.patience(3), 9);
      assert.equal(reader.usual, null);
      for (let now = 500; now <= 60_000; now += 500)
        reader.read(report(now, Math.floor(now / 1000 / every)), now, LATE);
      assert.equal(reader.patience(3), patience, `each ${every} s`);
      assert.equal(reader.patience(1.5), suspicious, `each ${every} s`);
      assert.equal(reader.usual, every);
    }
  });

  it('count by what changes, not by clocks of the other side', () => {
    const reader = new ReportReader();
    for (let now = 0; now <= 3000; now += 500) reader.read(report(now, 1e15 - now), now, LATE);
    assert.equal(reader.silent(3000), 0);
  });

  it('are not counted over a time in which the page was held up', () => {
    const reader = new ReportReader();
    reader.read(report(10, 1), 0, LATE);
    reader.read(report(20, 1), 500, LATE);
    reader.read(report(900, 1), 60_000, LATE);
    assert.equal(reader.silent(60_000), 0);
  });

  it('tell what is sent, as differences', () => {
    const reader = new ReportReader();
    assert.equal(reader.read(report(0, 1), 0, LATE).figures.bitrate, null);
    const { figures } = reader.read(report(250, 2), 1000, LATE);
    assert.deepEqual(
      [figures.bitrate, figures.width, figures.height, figures.frameRate, figures.codec, figures.roundTrip],
      [2_000_000, 640, 360, 30, 'VP8', 0.01],
    );
  });

  it('tell how packets waited to be sent, between two looks, and nothing where the browser does not count', () => {
    const reader = new ReportReader();
    const sending = (packets: number, waited: number | undefined, now: number) =>
      reader.read(report(packets, 1, waited === undefined ? {} : { totalPacketSendDelay: waited }), now, LATE).sending;
    assert.equal(sending(100, 1, 0), null, 'of what was before nobody knows when');
    const told = sending(150, 3, 500)!;
    assert.deepEqual(told, { wait: 2 / 50, queue: 2 / 0.5 });
    assert.equal(sending(150, 3, 1000), null, 'nothing was sent');
    assert.equal(sending(200, undefined, 1500), null);
    assert.equal(sending(250, undefined, 2000), null);
  });
});
