import { element, Id, join, uint } from './ebml.js';
import type { Rows } from './rows.js';

/**
 * A Cues element from rows of (ticks, track, position of the cluster from the start of the segment's content), laid
 * out as mediabunny does on a normal end: the tracks of a cluster that start at one time share a point.
 */
export function cuesFrom(rows: Rows): Uint8Array {
  const points: Uint8Array[] = [];
  for (let row = 0; row < rows.length;) {
    const position = rows.at(row, 2);
    const starts = new Map<number, Uint8Array[]>();
    for (; row < rows.length && rows.at(row, 2) === position; row++) {
      const time = Math.max(0, rows.at(row, 0));
      const track = element(Id.CueTrack, uint(rows.at(row, 1)));
      const cluster = element(Id.CueClusterPosition, uint(position));
      starts.set(time, [...(starts.get(time) ?? []), element(Id.CueTrackPositions, join([track, cluster]), 4)]);
    }
    for (const [time, tracks] of [...starts].sort(([a], [b]) => a - b)) {
      points.push(element(Id.CuePoint, join([element(Id.CueTime, uint(time)), ...tracks]), 4));
    }
  }
  return element(Id.Cues, join(points), 4);
}
