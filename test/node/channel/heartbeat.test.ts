import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Heartbeat } from '../../../src/core/channel/heartbeat.js';
import { ManualClock } from './manual-clock.js';

describe('Heartbeat', () => {
  const started = (moves = () => false) => {
    const clock = new ManualClock();
    const told: string[] = [];
    const heartbeat = new Heartbeat({ interval: 5, timeout: 3 }, clock, {
      ask: () => told.push(`ask ${clock.now()}`),
      onSilent: () => told.push(`silent ${clock.now()}`),
      moves,
    });
    heartbeat.start();
    return { clock, told, heartbeat };
  };

  it('asks a link that has been quiet, and judges it when nothing comes', () => {
    const { clock, told } = started();
    clock.pass(60_000);
    assert.deepEqual(told, ['ask 5000', 'silent 8000']);
    assert.equal(clock.timers, 0);
  });

  it('never asks a link on which something comes', () => {
    const { clock, told, heartbeat } = started();
    for (let second = 0; second < 60; second += 4) {
      clock.pass(4000);
      heartbeat.heard();
    }
    assert.deepEqual(told, []);
  });

  it('takes anything that comes for an answer, and asks again when it is quiet again', () => {
    const { clock, told, heartbeat } = started();
    clock.pass(6000);
    heartbeat.heard();
    clock.pass(6000);
    assert.deepEqual(told, ['ask 5000', 'ask 11000']);
  });

  it('asks once more before it judges by a timer that came late, for what came meanwhile waits in the queue', () => {
    const { clock, told, heartbeat } = started();
    clock.pass(5000);
    clock.sleep(60_000);
    assert.deepEqual(told, ['ask 5000', 'ask 65000'], 'it is not judged by the late timer');
    heartbeat.heard();
    clock.pass(4000);
    assert.deepEqual(told, ['ask 5000', 'ask 65000']);
  });

  it('judges a link that is silent after a late timer, too, even if every timer is late', () => {
    const { clock, told } = started();
    clock.pass(5000);
    clock.sleep(60_000);
    clock.sleep(60_000);
    assert.deepEqual(told, ['ask 5000', 'ask 65000', 'silent 125000']);
  });

  it('waits for as long as what is queued becomes less: a large message holds the answer up', () => {
    let left = 3;
    const { clock, told } = started(() => left-- > 0);
    clock.pass(60_000);
    assert.deepEqual(told, ['ask 5000', 'silent 17000']);
  });

  it('asks twice as often each link that follows a silent one, until more comes than its welcome', () => {
    const { clock, told, heartbeat } = started();
    const next = () => {
      heartbeat.stop();
      heartbeat.probe();
      heartbeat.heard();
      heartbeat.start();
    };
    clock.pass(8000);
    assert.deepEqual(told.splice(0), ['ask 5000', 'silent 8000']);
    next();
    clock.pass(11_000);
    assert.deepEqual(told.splice(0), ['ask 8000', 'ask 13000', 'ask 16000', 'silent 19000']);
    next();
    clock.pass(16_999);
    heartbeat.heard();
    told.length = 0;
    clock.pass(8000);
    assert.deepEqual(told, ['ask 40999', 'silent 43999']);
  });

  it('gives nobody longer to welcome it', () => {
    const { clock, told, heartbeat } = started();
    clock.pass(8000);
    for (const silent of ['silent 11000', 'silent 14000']) {
      heartbeat.stop();
      heartbeat.probe();
      clock.pass(3000);
      assert.equal(told.at(-1), silent);
    }
  });

  it('asks at once when it is told to, and leaves no timer when it stops', () => {
    const { clock, told, heartbeat } = started();
    clock.pass(1000);
    heartbeat.probe();
    assert.deepEqual(told, ['ask 1000']);
    heartbeat.stop();
    assert.equal(clock.timers, 0);
    clock.pass(60_000);
    assert.deepEqual(told, ['ask 1000']);
  });
});
