import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { datedName, safeFileName } from '../../../src/core/record/safe-name.js';

const AT = new Date(2026, 2, 9, 14, 5, 22);
const DATED = '2026-03-09 14.05.22.webm';
const safe = (name: string, extension = 'webm') => safeFileName(name, extension, AT);

describe('the name of a downloaded recording', () => {
  test('is the one that was given, in any script', () => {
    for (const name of ['Interview 3', 'Über allen Gipfeln', '录音 一', 'ضبط', 'می‌خواهم', 'Clip 👩‍🚀', '50 % – “ok”']) {
      assert.equal(safe(name), `${name.normalize('NFC')}.webm`);
    }
  });

  test('does not repeat its extension', () => {
    assert.equal(safe('take.WEBM'), 'take.webm');
    assert.equal(safe('take.exe'), 'take.exe.webm');
    assert.equal(safe('take.webm', 'mp4'), 'take.webm.mp4');
  });

  test('holds nothing that a file system takes for something else', () => {
    assert.equal(safe('../../etc/passwd'), '-..-etc-passwd.webm');
    assert.equal(safe('a/b\\c:d*e?f"g<h>i|j'), 'a-b-c-d-e-f-g-h-i-j.webm');
    assert.equal(safe('..hidden'), 'hidden.webm');
    assert.equal(safe('ends with dots. . .'), 'ends with dots.webm');
    assert.equal(safe('  much \t\n space  '), 'much space.webm');
  });

  test('holds nothing that is not seen or turns the text around', () => {
    assert.equal(safe('a\u0000b\u0007c\u200bd\u202ee\u2066f\ufeffg\u2028h\ud800i'), 'abcdefghi.webm');
    assert.equal(safe('gnp.\u202eexe'), 'gnp.exe.webm');
  });

  test('is none that Windows keeps for devices', () => {
    for (const name of ['con', 'PRN', 'aux', 'NUL', 'com1', 'LPT9', 'COM²', 'conin$', 'nul.txt', 'aux .b']) {
      assert.match(safe(name), /^_/, name);
    }
    for (const name of ['console', 'com10', 'lpt', 'auxiliary']) assert.equal(safe(name), `${name}.webm`);
  });

  test('fits into 255 bytes with what a browser adds, and is cut between characters', () => {
    for (const name of ['x'.repeat(5000), 'ü'.repeat(5000), '👍'.repeat(5000), `${'a'.repeat(199)}👍`]) {
      const result = safe(name);
      assert.ok(Buffer.byteLength(result) <= 205);
      assert.equal(Buffer.from(result).toString(), result);
    }
  });

  test('is the date where nothing else is left', () => {
    for (const name of ['', '   ', '...', '\u202e', '///', '-', '. - .'])
      assert.equal(safe(name), DATED, JSON.stringify(name));
    assert.equal(`${datedName(AT)}.webm`, DATED);
  });
});
