import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sequelOf, type Begun } from '../../../src/core/record/sequel.js';

const WEBM = ['video/webm;codecs="vp8,opus"', 'video/webm;codecs="vp9,opus"'];
const MP4 = ['video/mp4;codecs="avc1.42E01F,mp4a.40.2"', 'video/mp4;codecs="avc1.42E01F,opus"'];

function sequel(
  format: Begun['format'],
  video: Begun['video'],
  audio: Begun['audio'],
  written: string,
  types = [...WEBM, ...MP4],
): string | null {
  return sequelOf(types, { format, video, audio, has: (track) => written.includes(track) });
}

describe('what MediaRecorder may write behind what encoders have written', () => {
  it('is of the same codecs, where pictures have been written', () => {
    assert.equal(sequel('webm', 'vp9', 'opus', 'video audio'), WEBM[1]);
    assert.equal(sequel('webm', 'vp8', 'opus', 'video audio'), WEBM[0]);
    assert.equal(sequel('webm', 'vp9', 'opus', 'video'), WEBM[1]);
    assert.equal(sequel('webm', 'vp9', 'opus', 'video audio', [WEBM[0]!]), null);
    assert.equal(sequel('webm', 'av1', 'opus', 'video audio'), null);
  });

  it('is nothing where the one description that an MP4 has of its pictures is written', () => {
    assert.equal(sequel('mp4', 'avc', 'opus', 'video audio'), null);
    assert.equal(sequel('mp4', 'avc', 'aac', 'video'), null);
  });

  it('may be any picture in the same container where none has been written, and the same sound', () => {
    assert.equal(sequel('webm', 'vp9', 'opus', 'audio'), WEBM[0]);
    assert.equal(sequel('webm', 'av1', 'opus', 'audio'), WEBM[0]);
    assert.equal(sequel('mp4', 'avc', 'opus', 'audio'), MP4[1]);
    assert.equal(sequel('mp4', 'avc', 'aac', 'audio'), MP4[0]);
    assert.equal(sequel('mp4', 'avc', 'aac', 'audio', [MP4[1]!]), null);
    assert.equal(sequel('mp4', 'avc', 'aac', '', [MP4[1]!]), MP4[1]);
  });

  it('has a picture where the take has one, and none where it has none', () => {
    const [sound, picture] = ['audio/webm;codecs="opus"', 'video/webm;codecs="vp8"'];
    assert.equal(sequel('webm', null, 'opus', 'audio', [sound]), sound);
    assert.equal(sequel('webm', null, 'opus', 'audio', WEBM), null);
    assert.equal(sequel('webm', 'vp8', null, 'video', [picture]), picture);
    assert.equal(sequel('webm', 'vp8', null, '', [sound]), null);
  });
});
