import { box, table } from './boxes.js';
import { endOf, type TrackFragment } from './fragment.js';

/** Numbers that come in runs: [how many, value] in turn, as the tables of an MP4 have them. */
class Runs {
  readonly values: number[] = [];

  add(value: number): void {
    const { values } = this;
    if (values.at(-1) === value) values[values.length - 2]!++;
    else values.push(1, value);
  }

  /** With one more at the end, which may be another one the next time. */
  closed(last: number): number[] {
    const { values } = this;
    if (values.at(-1) !== last) return [...values, 1, last];
    return [...values.slice(0, -2), values.at(-2)! + 1, last];
  }

  /** Whether all of them are 0, or there is none. */
  get blank(): boolean {
    return this.values.length === 0 || (this.values.length === 2 && this.values[1] === 0);
  }
}

/**
 * What a plain MP4 tells of the samples of one track: how long, how large and where each is (14496-12, 8.6.1 and 8.7).
 * A number or two for each sample, three for a picture of uneven distance: some 2 MB for an hour, kept while it is recorded.
 */
export class SampleTable {
  /** Decode time of the first sample, and of the last one, in units of the track. */
  #start = 0;
  #last = 0;
  /** Where the last one ends, and where the one ends that is shown last of those that are shown later than decoded. */
  #end = 0;
  #shown = 0;
  readonly #durations = new Runs();
  readonly #shifts = new Runs();
  readonly #sizes: number[] = [];
  /** Numbers of the key frames, from 1 on. */
  readonly #keys: number[] = [];
  /** Where samples that lie in a row begin. */
  readonly #chunks: number[] = [];
  /** From which chunk on, counted from 1, there are how many samples in each, and of which description. */
  readonly #filled: number[] = [];

  /** Decode time of the first sample, in units. */
  get start(): number {
    return this.#start;
  }

  get count(): number {
    return this.#sizes.length;
  }

  /** From the first sample to the end of the last one that is decoded, in units. */
  get duration(): number {
    return this.#end - this.#start;
  }

  /** The same to the end of the last one that is shown. */
  get shown(): number {
    return Math.max(this.#end, this.#shown) - this.#start;
  }

  /** Takes samples that follow those before. What lies between them and the time that they tell, the last one lasts. */
  add(part: TrackFragment): void {
    let { time } = part;
    if (this.#sizes.length === 0) this.#start = this.#last = time;
    for (const { begin, ends, durations, shifts, keys } of part.runs) {
      if (ends.length === 0) continue;
      this.#chunk(begin, ends.length);
      for (const [index, end] of ends.entries()) {
        const at = Math.max(time, this.#last);
        if (this.#sizes.length > 0) this.#durations.add(at - this.#last);
        this.#last = at;
        const shift = shifts[index]!;
        this.#shifts.add(shift);
        if (shift > 0) this.#shown = Math.max(this.#shown, at + shift + durations[index]!);
        this.#sizes.push(end - (index === 0 ? begin : ends[index - 1]!));
        if (keys[index]) this.#keys.push(this.#sizes.length);
        time += durations[index]!;
      }
    }
    this.#end = Math.max(this.#last, endOf(part));
  }

  /** The box that tells all of it (`stbl`). @param description what the samples are (`stsd`), as the head has it */
  box(description: Uint8Array): Uint8Array {
    const durations = this.#durations.closed(this.#end - this.#last);
    const all = this.#keys.length === this.#sizes.length;
    const far = this.#chunks.some((at) => at >= WIDE);
    return box(
      'stbl',
      description,
      table('stts', 0, durations.length / 2, durations),
      ...(this.#shifts.blank ? [] : [table('ctts', 1, this.#shifts.values.length / 2, this.#shifts.values)]),
      ...(all ? [] : [table('stss', 0, this.#keys.length, this.#keys)]),
      table('stsc', 0, this.#filled.length / 3, this.#filled),
      far
        ? table(
            'co64',
            0,
            this.#chunks.length,
            this.#chunks.flatMap((at) => [Math.floor(at / WIDE), at % WIDE]),
          )
        : table('stco', 0, this.#chunks.length, this.#chunks),
      // The size that all share comes first: none is shared.
      table('stsz', 0, 0, [this.#sizes.length], this.#sizes),
    );
  }

  #chunk(begin: number, samples: number): void {
    this.#chunks.push(begin);
    if (this.#filled.at(-2) !== samples) this.#filled.push(this.#chunks.length, samples, DESCRIPTION);
  }
}

const WIDE = 2 ** 32;
/** Of the descriptions, which there is one of, the first. */
const DESCRIPTION = 1;
