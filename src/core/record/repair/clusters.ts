import { child, children, elementAt, HEADER, Id, uintOf, type Element } from './ebml.js';
import type { FileWindow } from './window.js';

/** A track as its last blocks tell it. Times are in ticks of the file (TimestampScale, normally 1 ms). */
export interface Track {
  number: number;
  video: boolean;
  /** Ticks of a frame where the header tells them. */
  frame: number | null;
  /** Time of its last block, and what is known of that block's length. */
  last: number;
  length: number | null;
  blocks: number;
  /** Whether the cluster at hand has a block of it. */
  seen: boolean;
}

export interface Block {
  track: number;
  /** Ticks from the start of the cluster. */
  offset: number;
  key: boolean;
  /** Ticks, where the block tells. */
  duration?: number;
}

/** Elements that stand beside clusters; whatever cluster is open ends before them. */
export const BESIDE: ReadonlySet<number> = new Set([
  Id.Cluster,
  Id.Cues,
  Id.SeekHead,
  Id.Info,
  Id.Tracks,
  Id.Attachments,
  Id.Chapters,
  Id.Tags,
]);

/** What else a cluster may hold besides Void: CRC-32, Position, PrevSize. */
const WITHIN: ReadonlySet<number> = new Set([0xbf, 0xa7, 0xab]);

/** What may be long in a BlockGroup: Block, BlockAdditions, CodecState, Void. */
const LONG: ReadonlySet<number> = new Set([Id.Block, 0x75a1, 0xa4, Id.Void]);

/** Behind a size that is wrong anything may stand, and a player that finds an integer of 29 bytes gives up the file. */
const isInteger = ({ size }: Element): boolean => size > 0 && size <= 8;

/** An element's header and the head of a block: track, time and flags. */
const LOOK = HEADER + 8;

/**
 * Walks over the blocks of a cluster, by the blocks and not by the cluster's size: while a cluster is open that size
 * covers its timestamp only. Answers where the last whole element ends and where it begins; null where the cluster does not
 * tell its time first, without which no block has one.
 */
export async function walkCluster(
  window: FileWindow,
  cluster: Element,
  tracks: ReadonlyMap<number, Track>,
  onBlock: (time: number, block: Block) => void,
): Promise<{ end: number; last: number } | null> {
  let time: number | null = null;
  let at = cluster.data;
  let last = at;
  for (;;) {
    if (window.lacks(at, LOOK)) await window.load(at);
    const element = elementAt(window, at);
    if (!element || BESIDE.has(element.id) || element.end > window.end) break;
    if (at < cluster.end && element.end > cluster.end) {
      // Either the size of the cluster is wrong, or that of the block: the former when nothing begins there.
      if (await startsElement(window, cluster.end)) break;
      await window.load(at);
    }
    if (element.id === Id.Timestamp) {
      if (time !== null || !isInteger(element)) break;
      time = uintOf(window, element)!;
    } else if (element.id === Id.SimpleBlock || element.id === Id.BlockGroup) {
      if (time === null) break;
      const block = element.id === Id.SimpleBlock ? blockAt(window, element) : await blockGroupAt(window, element);
      if (!block || !tracks.has(block.track)) break;
      onBlock(time + block.offset, block);
    } else if (element.id !== Id.Void && !(WITHIN.has(element.id) && isInteger(element))) break;
    last = at;
    at = element.end;
  }
  return time === null ? null : { end: at, last };
}

/** The next cluster at or after `from`, by its identifier and the timestamp that it begins with. */
export function findCluster(window: FileWindow, from: number): Promise<number | null> {
  return window.find([0x1f, 0x43, 0xb6, 0x75], from, LOOK, (at) => {
    const cluster = elementAt(window, at);
    const first = cluster && elementAt(window, cluster.data);
    return first?.id === Id.Timestamp && first.size <= 8 && (cluster!.size === Infinity || cluster!.size >= 3);
  });
}

/** The tracks that a Tracks element, which lies in the window, describes. `scale` is nanoseconds per tick. */
export function readTracks(window: FileWindow, tracks: Element, scale: number): Track[] {
  const list: Track[] = [];
  for (const entry of children(window, tracks)) {
    const number = uintOf(window, child(window, entry, Id.TrackNumber));
    const type = uintOf(window, child(window, entry, Id.TrackType));
    if (entry.id !== Id.TrackEntry || number === undefined || (type !== 1 && type !== 2)) continue;
    const frame = uintOf(window, child(window, entry, Id.DefaultDuration));
    list.push({
      number,
      video: type === 1,
      frame: frame ? frame / scale : null,
      last: 0,
      length: null,
      blocks: 0,
      seen: false,
    });
  }
  return list;
}

export async function startsElement(window: FileWindow, at: number): Promise<boolean> {
  await window.fetch(at, HEADER);
  const element = elementAt(window, at);
  return element !== null && BESIDE.has(element.id);
}

function blockAt(window: FileWindow, element: Element): Block | null {
  // A track number below 127 takes one byte; no recorder here writes more tracks.
  const first = window.byte(element.data);
  const flags = window.byte(element.data + 3);
  // Nor does one lace blocks.
  if (element.size < 4 || first < 0x80 || flags & 0x06) return null;
  return { track: first & 0x7f, offset: window.int16(element.data + 1), key: flags >= 0x80 };
}

/** A block with its companions: the form that carries transparency, or a duration of its own. */
async function blockGroupAt(window: FileWindow, group: Element): Promise<Block | null> {
  let block: Block | null = null;
  let key = true;
  let duration: number | undefined;
  for (let at = group.data; at < group.end;) {
    if (window.lacks(at, LOOK)) await window.load(at);
    const element = elementAt(window, at);
    if (!element || element.end > group.end || !(LONG.has(element.id) || isInteger(element))) return null;
    if (element.id === Id.Block) block = blockAt(window, element);
    else if (element.id === Id.ReferenceBlock) key = false;
    else if (element.id === Id.BlockDuration) duration = uintOf(window, element);
    at = element.end;
  }
  return block && { ...block, key, ...(duration === undefined ? {} : { duration }) };
}
