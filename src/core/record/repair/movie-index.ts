import { box, boxAt, boxesIn, boxIn, type Box } from './boxes.js';
import { endOf, readFragment, type Track, type TrackFragment } from './fragment.js';
import { editsOf, lasting, numberOf, readTracks, startOf, timingOf } from './movie.js';
import { SampleTable } from './sample-table.js';
import { FileWindow } from './window.js';

/**
 * What the fragments of an MP4 tell of its samples, gathered for a movie box at the end of it that tells it in one place.
 * Players go over all fragments of a file before they show it (8 GB: 25 s in Chromium), and over one such box in no time.
 */
export class MovieIndex {
  /** Tracks by their numbers. They end where what was gathered does. */
  readonly tracks: ReadonlyMap<number, Track>;
  readonly #tables = new Map<number, SampleTable>();
  #end = 0;
  #whole = true;

  /** @param moov what a fragmented file begins with, in the window */
  constructor(window: FileWindow, moov: Box) {
    this.tracks = readTracks(window, moov);
  }

  /** Of a file that is being written. @param moov its movie box */
  static on(moov: Uint8Array): MovieIndex {
    const window = FileWindow.on(moov);
    return new MovieIndex(window, boxAt(window, 0)!);
  }

  /** Takes a fragment (`moof`) that is written at this place of its file. */
  write(moof: Uint8Array, at: number): void {
    const window = FileWindow.on(moof, at);
    const head = boxAt(window, at);
    const parts = head && readFragment(window, head, this.tracks);
    if (parts) this.add(parts);
    else this.miss();
  }

  /** Where the last sample ends; 0 where there is none. */
  get end(): number {
    return this.#end;
  }

  add(parts: readonly TrackFragment[]): void {
    for (const part of parts) {
      const { track, runs } = part;
      if (runs.every(({ ends }) => ends.length === 0)) continue;
      track.end = endOf(part);
      this.#end = Math.max(this.#end, ...runs.map(({ ends }) => ends.at(-1) ?? 0));
      const samples = this.#tables.get(track.id) ?? new SampleTable();
      if (part.description !== 1 || samples.count > MOST) this.miss();
      if (!this.#whole) continue;
      this.#tables.set(track.id, samples);
      samples.add(part);
    }
  }

  /** There are samples that it does not know. */
  miss(): void {
    this.#whole = false;
    this.#tables.clear();
  }

  /**
   * The movie box for the end of the file, and how many seconds it tells; null where it would not tell of all samples.
   * @param moov the one that it begins with, in the window
   */
  movie(window: FileWindow, moov: Box): { bytes: Uint8Array; duration: number } | null {
    const header = boxIn(window, moov, 'mvhd');
    if (!header || !this.#whole || this.#tables.size === 0) return null;
    const { timescale } = timingOf(window, header);
    let longest = 0;
    const traks: Uint8Array[] = [];
    const rest: Uint8Array[] = [];
    for (const child of boxesIn(window, moov.data, moov.end)) {
      const trak = child.type === 'trak' ? this.#trak(window, child, timescale) : null;
      if (trak) {
        traks.push(trak.bytes);
        longest = Math.max(longest, trak.end);
      } else if (!REPLACED.has(child.type)) {
        rest.push(window.copy(child.at, child.end));
      }
    }
    // Their last bytes are sizes of samples: zeros at the end of a file are what a crash leaves there.
    return { bytes: box('moov', lasting(window, header, longest * timescale), ...rest, ...traks), duration: longest };
  }

  /** A track, and the second at which it ends; null where it has no samples. @param scale units a second of the movie */
  #trak(window: FileWindow, trak: Box, scale: number): { bytes: Uint8Array; end: number } | null {
    const header = boxIn(window, trak, 'tkhd');
    const media = boxIn(window, trak, 'mdia', 'mdhd');
    const description = boxIn(window, trak, 'mdia', 'minf', 'stbl', 'stsd');
    const samples = header && this.#tables.get(numberOf(window, header));
    if (!header || !media || !description || !samples) return null;
    const { timescale } = timingOf(window, media);
    const start = startOf(window, trak, { movie: scale, track: timescale }) + samples.start / timescale;
    const whole = samples.shown / timescale;
    const end = Math.max(0, whole + start);
    const edits = editsOf(start, whole, { movie: scale, track: timescale });
    const copy = (of: Box): Uint8Array[] => {
      if (of.type === 'tkhd') return [lasting(window, of, end * scale), ...edits];
      if (of.type === 'mdhd') return [lasting(window, of, samples.duration)];
      if (of.type === 'edts') return [];
      if (of.type === 'stbl') return [samples.box(window.copy(description.at, description.end))];
      if (!HOLDING.has(of.type)) return [window.copy(of.at, of.end)];
      return [box(of.type, ...[...boxesIn(window, of.data, of.end)].flatMap(copy))];
    };
    return { bytes: copy(trak)[0]!, end };
  }
}

/** Samples of a track: 60 hours of sound and more. A file of a few bytes may claim as many as it likes. */
const MOST = 2 ** 24;

/** Boxes of a movie that are made anew, or tell that there are fragments. */
const REPLACED: ReadonlySet<string> = new Set(['mvhd', 'trak', 'mvex']);
/** Boxes of a track in which something is made anew. */
const HOLDING: ReadonlySet<string> = new Set(['trak', 'mdia', 'minf']);
