import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deviceProfile, fitted, type MachineSignals } from '../../../src/core/capture/index.js';

const SILENT: MachineSignals = { memory: null, cores: null, tier: null, mobile: null, touch: false };
const kind = (signals: Partial<MachineSignals>) => deviceProfile({ ...SILENT, ...signals }).kind;

describe('a machine', () => {
  it('is high-end with 8 GB and 8 cores, or by its own judgement', () => {
    assert.equal(kind({ memory: 8, cores: 8 }), 'high-end');
    assert.equal(kind({ memory: 32, cores: 16 }), 'high-end');
    assert.equal(kind({ tier: 4 }), 'high-end');
    assert.equal(kind({ memory: 8, cores: 8, tier: 2 }), 'standard', 'the platform knows better');
  });

  it('is never high-end by what it does not tell', () => {
    assert.equal(kind({}), 'standard');
    assert.equal(kind({ memory: 8 }), 'standard');
    assert.equal(kind({ cores: 64 }), 'standard');
    assert.equal(kind({ memory: 4, cores: 16 }), 'standard');
  });

  it('is asked for less, and judged more strictly, when it is held in a hand', () => {
    assert.equal(kind({ mobile: true, memory: 8, cores: 8 }), 'mobile');
    assert.equal(kind({ touch: true, memory: 8, cores: 8 }), 'mobile');
    assert.equal(kind({ mobile: false, touch: true, memory: 8, cores: 8 }), 'mobile', 'a tablet');
    const [phone, desk] = [deviceProfile({ ...SILENT, mobile: true }), deviceProfile(SILENT)];
    assert.ok(phone.width < desk.width && phone.dropThreshold < desk.dropThreshold);
  });

  it('gives its numbers only where the page gave none', () => {
    const profile = deviceProfile({ ...SILENT, memory: 8, cores: 8 });
    const camera = { video: 'camera', audio: [] } as const;
    assert.deepEqual(fitted(camera, profile), { ...camera, width: 1920, height: 1080, frameRate: 60 });
    assert.deepEqual(fitted({ ...camera, width: 320 }, profile), { ...camera, width: 320, frameRate: 60 });
    assert.deepEqual(fitted({ ...camera, frameRate: 15 }, profile).frameRate, 15);
    assert.deepEqual(fitted({ video: 'screen', audio: [] }, profile), { video: 'screen', audio: [] });
  });
});
