import type { DiskFile } from '../disk.js';
import { BESIDE, findCluster, readTracks, startsElement, walkCluster, type Block, type Track } from './clusters.js';
import { cuesFrom } from './cues.js';
import {
  aloneFor,
  child,
  children,
  elementAt,
  HEADER,
  Id,
  isLength,
  sizeField,
  uint,
  uintOf,
  voidHeader,
  type Element,
} from './ebml.js';
import { unreadable, type Finished } from './report.js';
import { Rows } from './rows.js';
import { written, FileWindow, patch, type Patch } from './window.js';

/** What the head of the file has room for, and what the walk over the clusters found. */
interface Contents {
  segment: Element;
  /** Nanoseconds per tick. */
  scale: number;
  duration: Element | null;
  seeks: { target: number; position: Element }[];
  /** Where the elements beside the clusters begin, by identifier. */
  positions: Map<number, number>;
  tracks: Map<number, Track>;
  /** Where the tracks begin in each cluster, for the index. */
  starts: Rows;
  /** End of the last whole element, and of the last cluster. */
  end: number;
  mediaEnd: number;
  /** Where another recording begins; null where there is none. */
  next: number | null;
  /** Whether something in the middle could not be read. */
  damaged: boolean;
  patches: Patch[];
}

/**
 * Finishes a cut-off WebM in place, the way a muxer would have: the torn end is cut, the open cluster gets its size,
 * Cues are appended, then segment size, duration and SeekHead are filled in. Each step may be repeated. What cannot
 * be read in the middle becomes a Void element. A file without room for these (MediaRecorder's) is cut only.
 */
export async function repairWebm(file: DiskFile): Promise<Finished> {
  const window = await FileWindow.open(file);
  const contents = await read(window);
  const { segment, duration, seeks, positions, patches } = contents;
  const ticks = Math.max(...[...contents.tracks.values()].map((track) => endOf(track, contents.scale)));
  const seconds = ticks > 0 ? (ticks * contents.scale) / 1e9 : null;
  const { next } = contents;
  if (next !== null) {
    for (const each of patches) await patch(file, each);
    return { duration: seconds, dropped: 0, seekable: false, needsRemux: true, next };
  }
  if (seconds === null) throw unreadable();
  const finishable = duration !== null && seeks.some(({ target }) => target === Id.Cues);
  const keepsCues = positions.has(Id.Cues) && !contents.damaged;
  if (!keepsCues) positions.delete(Id.Cues);

  let end = keepsCues ? contents.end : contents.mediaEnd;
  const dropped = file.size - contents.end;
  if (end < file.size) await file.truncate(end);
  for (const each of patches) await patch(file, each);
  if (finishable && !keepsCues) {
    const cues = cuesFrom(contents.starts);
    if (await written(file, cues, end)) {
      positions.set(Id.Cues, end);
      end += cues.length;
    }
  }
  const segmentSize = segment.size < Infinity ? sizeField(end - segment.data, segment.sizeWidth) : null;
  if (segmentSize) await patch(file, { at: segment.sizeAt, bytes: segmentSize });
  if (duration && !(await isNear(window, duration, ticks, contents.scale))) {
    await patch(file, { at: duration.data, bytes: float(ticks, duration.size) });
  }
  for (const { target, position } of seeks) {
    const at = (positions.get(target) ?? Infinity) - segment.data;
    if (at < 256 ** position.size) await patch(file, { at: position.data, bytes: uint(at, position.size) });
  }
  const seekable = positions.has(Id.Cues);
  return { duration: seconds, dropped, seekable, needsRemux: !finishable && !seekable, next };
}

async function read(window: FileWindow): Promise<Contents> {
  await window.load(0);
  const header = elementAt(window, 0);
  const segment = header && elementAt(window, header.end);
  if (header?.id !== Id.EBML || segment?.id !== Id.Segment) throw unreadable();
  const contents: Contents = {
    segment,
    scale: 1e6,
    duration: null,
    seeks: [],
    positions: new Map(),
    tracks: new Map(),
    starts: new Rows(3),
    end: segment.data,
    mediaEnd: segment.data,
    next: null,
    damaged: false,
    patches: [],
  };
  let open: { cluster: Element; last: number } | null = null;
  for (let at = segment.data; at < window.end;) {
    if (window.lacks(at, HEADER)) await window.load(at);
    const element = elementAt(window, at);
    if (element?.id === Id.EBML) {
      contents.next = at;
      break;
    }
    const walked =
      element?.id === Id.Cluster
        ? await walkCluster(window, element, contents.tracks, blockReader(contents, element))
        : null;
    if (element && walked) {
      close(contents, open, at);
      open = { cluster: element, last: walked.last };
      at = contents.mediaEnd = contents.end = walked.end;
    } else if (element && element.end <= window.end && (await isBeside(window, element))) {
      close(contents, open, at);
      open = null;
      await readBeside(window, contents, element);
      at = contents.end = element.end;
    } else {
      const next = await findCluster(window, at + 1);
      if (next === null) break;
      // A Void takes two bytes at least; where there is one, the block before gives way.
      const from = next - at > 1 ? at : (open?.last ?? at);
      if (next - from > 1) contents.patches.push({ at: from, bytes: voidHeader(next - from) });
      contents.damaged = true;
      at = next;
    }
  }
  close(contents, open, contents.mediaEnd);
  return contents;
}

/** One byte in 256 looks like a Void; a true one leads to something. */
const isBeside = async (window: FileWindow, { id, end }: Element): Promise<boolean> =>
  id === Id.Void ? end === window.end || startsElement(window, end) : id !== Id.Cluster && BESIDE.has(id);

/** A cluster reaches to whatever follows it; its size says so once it is closed. */
function close(contents: Contents, open: { cluster: Element } | null, end: number): void {
  if (!open || open.cluster.size === Infinity || open.cluster.end === end) return;
  const { data, sizeAt, sizeWidth } = open.cluster;
  const bytes = sizeField(end - data, sizeWidth);
  if (bytes) contents.patches.push({ at: sizeAt, bytes });
}

function blockReader(contents: Contents, cluster: Element): (time: number, block: Block) => void {
  const position = cluster.at - contents.segment.data;
  for (const track of contents.tracks.values()) track.seen = false;
  return (time, { track: number, key, duration }) => {
    const track = contents.tracks.get(number)!;
    const distance = time - track.last;
    if (!track.seen && key) contents.starts.add(time, number, position);
    // A new cluster tells the time anew, so that one damaged timestamp does not decide how long the take is.
    if (!track.seen || distance > 0) track.last = time;
    if (duration !== undefined) track.length = duration;
    else if (track.blocks > 0 && isLength((distance * contents.scale) / 1e9, track.video)) track.length = distance;
    track.seen = true;
    track.blocks++;
  };
}

async function readBeside(window: FileWindow, contents: Contents, element: Element): Promise<void> {
  contents.positions.set(element.id, element.at);
  if (element.id !== Id.SeekHead && element.id !== Id.Info && element.id !== Id.Tracks) return;
  if (!(await window.fetch(element.at, element.end - element.at))) return;
  if (element.id === Id.Info) {
    contents.scale = uintOf(window, child(window, element, Id.TimestampScale)) || 1e6;
    const duration = child(window, element, Id.Duration);
    contents.duration = duration?.size === 8 || duration?.size === 4 ? duration : null;
  } else if (element.id === Id.Tracks) {
    const tracks = readTracks(window, element, contents.scale);
    contents.tracks = new Map(tracks.map((track) => [track.number, track]));
  } else {
    for (const seek of children(window, element)) {
      const target = uintOf(window, child(window, seek, Id.SeekID));
      const position = child(window, seek, Id.SeekPosition);
      if (target !== undefined && position) contents.seeks.push({ target, position });
    }
  }
}

/** End of a track's last block. Its length is the track's, else the block's own or the last distance between two. */
function endOf({ last, length, frame, blocks, video }: Track, scale: number): number {
  if (blocks === 0) return 0;
  return last + (frame ?? length ?? (aloneFor(video) * 1e9) / scale);
}

/** A muxer that ended normally knew the packets' durations; what it wrote stays when it agrees to 20 ms. */
async function isNear(window: FileWindow, duration: Element, ticks: number, scale: number): Promise<boolean> {
  await window.fetch(duration.data, duration.size);
  const present = window.float(duration.data, duration.size);
  return present > 0 && Math.abs(present - ticks) * scale <= 20e6;
}

function float(value: number, bytes: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(bytes));
  if (bytes === 8) view.setFloat64(0, value);
  else view.setFloat32(0, value);
  return new Uint8Array(view.buffer);
}
