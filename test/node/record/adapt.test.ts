import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { QualityLevel } from '../../../src/core/quality/index.js';
import { TakeQuality, type QualityMove } from '../../../src/core/record/adapt.js';

const RATE = 30;
const FULL: QualityLevel = { level: 1, bitrate: 1, frameRate: 1, size: 1 };

/** A machine that a take runs on: what is asked of it follows the quality; what it bears is told by the test. */
class Machine {
  /** What the encoder is asked for at full quality, as a share of its time: more than 1 cannot be done. */
  load = 0.4;
  diskBusy = 0;
  diskWaiting = 0;
  /** Share of the frames that never arrive. */
  gaps = 0;
  readonly moves: (QualityMove & { at: number })[] = [];
  readonly quality: TakeQuality;
  readonly #lane = {
    counts: { taken: 0, givenUp: 0, missed: 0 },
    queued: 0,
    quality: FULL,
    load: { look: () => ({ busy: this.#busy(), latency: this.#asked > 1 ? 0.4 : 0.02 }) },
  };
  #disk = { waiting: 0, busy: 0 };
  #now = 100;

  constructor({ resizable = true, dropThreshold = 0.1 } = {}) {
    this.quality = new TakeQuality({
      lane: this.#lane,
      disk: () => ({ ...this.#disk, waiting: this.diskWaiting }),
      maxLatency: 0.4,
      dropThreshold,
      resizable,
      onMove: (move) => this.moves.push({ ...move, at: this.#now }),
    });
  }

  get #asked(): number {
    const { bitrate, frameRate, size } = this.#lane.quality;
    return this.load * (0.2 * bitrate + 0.8) * frameRate * size ** 2;
  }

  #busy(): number {
    return 0.5 * Math.min(1, this.#asked);
  }

  get level(): QualityLevel {
    return this.#lane.quality;
  }

  get causes(): string[] {
    return [...new Set(this.moves.map(({ cause }) => cause))];
  }

  pass(seconds: number): void {
    const { counts } = this.#lane;
    for (let end = this.#now + seconds; this.#now < end; this.#now += 0.5) {
      const wanted = 0.5 * RATE * this.#lane.quality.frameRate;
      const done = Math.min(1, 1 / this.#asked);
      counts.taken += wanted * (1 - this.gaps) * done;
      counts.givenUp += wanted * (1 - this.gaps) * (1 - done);
      counts.missed += wanted * this.gaps;
      this.#lane.queued = done < 1 ? 0.9 : 0;
      this.#disk.busy += 0.5 * this.diskBusy;
      this.quality.look(this.#now);
    }
  }
}

describe('the quality of a take', () => {
  it('stays as it was asked for while the encoder has room', () => {
    for (const load of [0.1, 0.6, 0.9]) {
      const machine = new Machine();
      machine.load = load;
      machine.pass(600);
      assert.equal(machine.moves.length, 0);
    }
  });

  it('goes down when the encoder cannot keep up, and back to full within 30 s after', () => {
    const machine = new Machine();
    machine.pass(5);
    machine.load = 1.8;
    machine.pass(20);
    assert.ok(machine.level.level < 1);
    assert.ok(machine.moves[0]!.at < 108, 'within seconds');
    assert.ok(machine.moves[0]!.cause === 'encoder' || machine.moves[0]!.cause === 'drops');
    assert.equal(machine.moves[0]!.previous, 1);
    machine.load = 0.6;
    machine.pass(30);
    assert.equal(machine.level.level, 1);
    assert.equal(machine.moves.at(-1)!.cause, 'ease');
  });

  it('goes down for frames that are lost beyond what the page allows, and for no single moment of it', () => {
    const [patient, strict] = [new Machine({ dropThreshold: 0.4 }), new Machine({ dropThreshold: 0.04 })];
    for (const machine of [patient, strict]) {
      machine.load = 0.7;
      machine.gaps = 0.1;
      machine.pass(10);
    }
    assert.equal(patient.moves.length, 0);
    assert.equal(strict.moves[0]?.cause, 'drops');
    const machine = new Machine();
    machine.load = 0.7;
    machine.pass(5);
    machine.gaps = 0.5;
    machine.pass(0.5);
    machine.gaps = 0;
    machine.pass(10);
    assert.equal(machine.moves.length, 0);
  });

  it('does not go down for frames that a bad camera never makes', () => {
    const machine = new Machine();
    machine.load = 0.2;
    machine.gaps = 0.3;
    machine.pass(60);
    assert.equal(machine.moves.length, 0);
  });

  it('goes down for a disk that is behind, by what waits or by its time', () => {
    for (const slow of ['waiting', 'busy']) {
      const machine = new Machine();
      if (slow === 'waiting') machine.diskWaiting = 3;
      else machine.diskBusy = 0.6;
      machine.pass(5);
      assert.deepEqual(machine.causes, ['disk']);
    }
  });

  it('goes down for a low battery, but not to the end, and up again when it is charged', () => {
    const machine = new Machine();
    machine.quality.condition('battery', 1);
    machine.pass(120);
    assert.deepEqual(machine.causes, ['battery']);
    assert.equal(machine.level.level, 0.512);
    machine.quality.condition('battery', 0);
    machine.pass(30);
    assert.equal(machine.level.level, 1);
  });

  it('goes down for the network of who publishes the same picture, and up again when nobody does', () => {
    const machine = new Machine();
    machine.quality.condition('network', 1.5);
    machine.pass(6);
    assert.deepEqual(machine.causes, ['network']);
    assert.ok(machine.level.level < 1);
    machine.quality.condition('network', null);
    machine.pass(30);
    assert.equal(machine.level.level, 1);
  });

  it('neither goes down nor stays down because a processor is taken or the page is hidden', () => {
    for (const [name, pressure] of [
      ['cpu', 0.6],
      ['hidden', 0.5],
    ] as const) {
      const machine = new Machine();
      machine.quality.condition(name, pressure);
      machine.pass(60);
      assert.equal(machine.moves.length, 0);
      machine.load = 1.5;
      machine.pass(5);
      assert.ok(machine.level.level < 1);
      machine.load = 0.4;
      machine.pass(30);
      assert.equal(machine.level.level, 1);
    }
  });

  it('keeps the size where the container could not follow', () => {
    const machine = new Machine({ resizable: false });
    machine.load = 9;
    machine.pass(60);
    assert.deepEqual(machine.level, { level: 0.41, bitrate: 0.41, frameRate: 0.64, size: 1 });
  });

  it('takes nothing that was before a pause for what is now', () => {
    const machine = new Machine();
    machine.load = 3;
    machine.pass(0.5);
    machine.quality.interrupt();
    machine.load = 0.2;
    machine.pass(10);
    assert.equal(machine.moves.length, 0);
  });
});
