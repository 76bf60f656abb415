import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MediaCounter } from '../../../demo/server/media-counter.mjs';
import { Session } from '../../../demo/server/session.mjs';

const header = (sequenceNumber: number, marker = true) => ({ sequenceNumber, marker });
const bytes = (...start: number[]) => Uint8Array.from({ length: 100 }, (_, index) => start[index] ?? 0);

/** The first packet of a key frame of this size: descriptor, frame header, start code, width, height. */
const vp8Key = (width: number, height: number, descriptor = [0x10]) =>
  bytes(...descriptor, 0, 0, 0, 0x9d, 1, 0x2a, width & 255, width >> 8, height & 255, height >> 8);

describe('MediaCounter', () => {
  it('counts what is lost by sequence numbers, over their end, and takes back what comes late', () => {
    const counter = new MediaCounter();
    const add = (sequence: number) => counter.add('VP8', header(sequence), bytes(0x10, 1));
    for (const sequence of [65_533, 65_534, 65_535, 0, 1]) add(sequence);
    assert.equal(counter.lost, 0);
    add(4);
    assert.equal(counter.lost, 2);
    add(2);
    assert.equal(counter.lost, 1);
    add(4);
    assert.equal(counter.lost, 1, 'a double is no gap');
    assert.equal(counter.packets, 8);
  });

  it('knows key frames of VP8 behind descriptors of any length, and their size', () => {
    const counter = new MediaCounter();
    for (const descriptor of [
      [0x10],
      [0x90, 0x80, 5],
      [0x90, 0x80, 0x85, 1],
      [0x90, 0xe0, 5, 1, 0x20],
      [0x90, 0xf0, 0x85, 1, 1, 2],
    ])
      counter.add('VP8', header(1), vp8Key(1280, 720, descriptor));
    assert.equal(counter.keyFrames, 5);
    assert.deepEqual([counter.width, counter.height], [1280, 720]);
    counter.add('VP8', header(2), bytes(0x10, 1));
    counter.add('VP8', header(3), bytes(0x00, 0));
    counter.add('VP8', header(4), bytes(0x11, 0));
    assert.equal(counter.keyFrames, 5, 'another frame, a later packet, a later partition');
  });

  it('knows key frames of H.264, alone, aggregated and in fragments, once each', () => {
    const keys = (...payload: number[]) => {
      const counter = new MediaCounter();
      counter.add('H264', header(1), bytes(...payload));
      return counter.keyFrames;
    };
    assert.equal(keys(0x65, 0x88), 1);
    assert.equal(keys(0x65, 0x08), 0, 'a later slice');
    assert.equal(keys(0x41, 0x88), 0);
    assert.equal(keys(0x78, 0, 2, 0x67, 0x42, 0, 2, 0x65, 0x88), 1);
    assert.equal(keys(0x7c, 0x85, 0x88), 1);
    assert.equal(keys(0x7c, 0x05, 0x88), 0, 'it goes on');
  });

  it('counts frames by their last packet, sound by packets, and padding not at all', () => {
    const video = new MediaCounter();
    video.add('VP8', header(1, false), vp8Key(640, 480));
    video.add('VP8', header(2, true), bytes(0));
    video.add('VP8', header(3, true), new Uint8Array());
    assert.equal(video.frames, 1);
    const audio = new MediaCounter();
    for (let sequence = 0; sequence < 5; sequence++) audio.add('opus', header(sequence, false), bytes(1));
    assert.equal(audio.frames, 5);
  });

  it('tells the bitrate of the last second', () => {
    const counter = new MediaCounter();
    for (let packet = 0; packet < 50; packet++)
      counter.add('VP8', header(packet), bytes(0x10, 1), 10_000 + packet * 10);
    assert.equal(counter.bitrateAt(10_500), 50 * 100 * 8);
    assert.equal(counter.bitrateAt(15_000), 0, 'they were there long ago');
  });
});

describe('Session', () => {
  it('counts layers of simulcast apart, and shows viewers the largest', () => {
    const session = new Session({ kind: 'whip', room: 'studio', offer: '', onEnd: () => {} });
    const count = (
      layer: string,
      sequence: number,
      payload = vp8Key(layer === 'f' ? 1280 : layer === 'h' ? 640 : 320, 180),
    ) => session.count({ kind: 'video', codec: 'VP8', layer, rtp: { header: header(sequence), payload } });
    assert.equal(count('q', 1), true, 'there is nothing else');
    assert.equal(count('f', 5000), true);
    assert.equal(count('h', 9000), false);
    assert.equal(count('q', 2), false);
    assert.equal(count('f', 5001, bytes(0x10, 1)), true);
    assert.equal(session.video.width, 1280);
    assert.equal(session.video.lost, 0);
    assert.deepEqual([...session.layers.keys()], ['q', 'f', 'h']);
    assert.equal(session.layers.get('q')?.frames, 2);
  });
});
