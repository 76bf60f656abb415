import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LADDER, QualityController, type QualitySignal } from '../../../src/core/quality/index.js';

/** A machine of which a test says how much it can bear; what is asked of it follows the step. */
class Machine implements QualitySignal {
  name = 'encoder';
  load = 0;
  /** Whether it tells how near it is, or only that it is over. */
  saturating = false;
  readonly controller: QualityController;
  readonly moves: { at: number; step: number; cause: string }[] = [];
  #now = 0;

  constructor(more: QualitySignal[] = []) {
    this.controller = new QualityController([this, ...more]);
    this.controller.store.subscribe(
      ({ step }) => step,
      (step) => this.moves.push({ at: this.#now, step, cause: this.controller.store.get().cause }),
    );
  }

  pressure(): number {
    const { bitrate, frameRate, size } = this.controller.store.get().quality;
    const asked = this.load * (0.2 * bitrate + 0.8) * frameRate * size ** 2;
    return this.saturating ? (asked >= 1 ? 2 : 0) : asked;
  }

  pass(seconds: number): void {
    for (const end = this.#now + seconds; this.#now < end; this.#now += 0.5) this.controller.look(this.#now);
  }

  get step(): number {
    return this.controller.store.get().step;
  }
}

describe('the ladder', () => {
  it('gives up bits, then frames, then pixels, in steps of 0.8 and never below 0.3', () => {
    assert.deepEqual(LADDER[0], { level: 1, bitrate: 1, frameRate: 1, size: 1 });
    assert.deepEqual(LADDER.at(-1), { level: 0.3, bitrate: 0.3, frameRate: 0.41, size: 0.64 });
    for (const [step, level] of LADDER.entries()) {
      assert.ok(level.bitrate <= level.frameRate && level.frameRate <= level.size, `step ${step}`);
      const above = LADDER[step - 1];
      if (above) assert.ok(level.level < above.level && level.level >= 0.8 * above.level - 0.001, `step ${step}`);
    }
  });
});

describe('the quality', () => {
  it('stays full while nothing presses', () => {
    const machine = new Machine();
    machine.load = 0.9;
    machine.pass(600);
    assert.deepEqual(machine.moves, []);
  });

  it('goes down within seconds, to where it can be borne, and says why', () => {
    const machine = new Machine();
    machine.load = 1.7;
    machine.pass(10);
    assert.ok(machine.pressure() < 1);
    assert.ok(machine.moves.length > 0 && machine.moves.at(-1)!.at < 8);
    assert.equal(machine.controller.store.get().cause, 'encoder');
  });

  it('goes down faster when the load is far too much', () => {
    const machine = new Machine();
    machine.load = 4;
    machine.pass(3);
    assert.ok(machine.step >= 4, `step ${machine.step}`);
  });

  it('passes over a moment of pressure', () => {
    const machine = new Machine();
    machine.load = 5;
    machine.pass(0.5);
    machine.load = 0.5;
    machine.pass(5);
    assert.deepEqual(machine.moves, []);
  });

  it('comes back to full within 30 s after the load has ended, however long it lasted', () => {
    for (const seconds of [5, 60, 3600]) {
      for (const saturating of [false, true]) {
        const machine = new Machine();
        machine.saturating = saturating;
        machine.load = 2.4;
        machine.pass(seconds);
        assert.ok(machine.step > 0);
        machine.load = 0.2;
        machine.pass(30);
        assert.equal(machine.step, 0, `after ${seconds} s${saturating ? ', saturating' : ''}`);
      }
    }
  });

  it('comes back to full within 30 s also where it has failed at many steps, one after the other', () => {
    const machine = new Machine();
    machine.saturating = true;
    for (const load of [2.4, 2, 1.7, 1.5, 1.3, 1.1, 2.4]) {
      machine.load = load;
      machine.pass(120);
    }
    machine.load = 0.2;
    machine.pass(30);
    assert.equal(machine.step, 0);
  });

  it('comes back within 30 s of the last moment at which ease was not plain', () => {
    const machine = new Machine();
    machine.saturating = true;
    machine.load = 1.6;
    machine.pass(230);
    assert.ok(machine.step > 0);
    machine.saturating = false;
    machine.load = 0.2;
    machine.pass(2);
    const { quality } = machine.controller.store.get();
    // As near as it may come, once.
    machine.load = 0.5 / ((0.2 * quality.bitrate + 0.8) * quality.frameRate * quality.size ** 2);
    machine.pass(0.5);
    machine.load = 0.2;
    machine.pass(29);
    assert.equal(machine.step, 0);
  });

  it('does not swing under a load that lasts', () => {
    const machine = new Machine();
    machine.load = 1.3;
    machine.pass(60);
    const settled = machine.moves.length;
    machine.pass(600);
    assert.ok(machine.moves.length - settled <= 6, `${machine.moves.length - settled} moves in ten minutes`);
  });

  it('tries again seldom where a signal tells nothing before it is too much', () => {
    // The deeper it is, the sooner it has to try, so that it can be back within 30 s.
    for (const [load, most] of [
      [1.05, 5],
      [1.3, 6],
      [2.4, 7.5],
    ] as const) {
      const machine = new Machine();
      machine.saturating = true;
      machine.load = load;
      machine.pass(60);
      const settled = machine.moves.length;
      machine.pass(600);
      const perMinute = (machine.moves.length - settled) / 10;
      assert.ok(perMinute <= most, `${perMinute} moves a minute under ${load}`);
    }
  });

  it('moves for the signal that presses most, and takes what is not measured for nothing', () => {
    const disk: QualitySignal = { name: 'disk', pressure: () => 1.5 };
    const cpu: QualitySignal = { name: 'cpu', pressure: () => null };
    const machine = new Machine([disk, cpu]);
    machine.load = 0.5;
    machine.pass(2);
    const { cause, pressures } = machine.controller.store.get();
    assert.equal(cause, 'disk');
    assert.equal(pressures['cpu'], null);
  });

  it('never leaves the ladder', () => {
    const machine = new Machine([{ name: 'network', pressure: () => 9 }]);
    machine.pass(120);
    assert.equal(machine.step, LADDER.length - 1);
  });

  it('is full again for another take', () => {
    const machine = new Machine();
    machine.load = 4;
    machine.pass(10);
    machine.controller.reset();
    assert.equal(machine.step, 0);
    assert.equal(machine.controller.store.get().cause, '');
  });
});
