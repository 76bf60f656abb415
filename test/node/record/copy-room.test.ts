import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CopyRoom } from '../../../src/core/record/copy-room.js';
import { type Contents, MemoryDisk } from '../recordings/memory-disk.js';

const MB = 2 ** 20;

function room() {
  const contents: Contents = new Map();
  const disk = new MemoryDisk(contents);
  return { room: new CopyRoom(disk, 'copy'), disk, size: () => contents.get('copy')?.length ?? null };
}

describe('room for a copy', () => {
  it('is somewhat more than the recording, and never less than it was', async () => {
    const { room: made, size } = room();
    await made.keep(MB);
    assert.equal(size(), 2 * MB);
    await made.keep(MB / 2);
    assert.equal(size(), 2 * MB);
    await made.keep(16 * MB);
    assert.equal(size(), 17 * MB);
  });

  it('is left to the copy once it is closed, whatever is asked for later', async () => {
    const { room: made, disk, size } = room();
    await made.keep(MB);
    await made.close();
    await made.keep(5 * MB);
    assert.equal(size(), 2 * MB);
    await (await disk.open('copy')).close();
  });

  it('is let go of when it is closed while it opens its file', async () => {
    const { room: made, disk } = room();
    const keeping = made.keep(MB);
    await made.close();
    await keeping;
    await (await disk.open('copy')).close();
  });
});
