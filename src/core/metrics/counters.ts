/**
 * The counters that producers and their sinks write, whichever thread they run in. One table, so that stages, monitors
 * and exporters use the same names.
 */
export const COUNTERS = {
  'frames:captured': 'Frames that arrived from the source',
  'frames:taken': 'Frames that were taken to be encoded',
  'frames:dropped:rate': 'Frames left out to keep the frame rate: wanted, and no loss',
  'frames:dropped:queue': 'Frames lost because too many waited already',
  'frames:dropped:late': 'Frames lost because they came too late to be of use',
  'frames:dropped:disk': 'Frames lost because too much waited for the disk, or a write held up who takes them',
  'frames:dropped:encoder': 'Frames lost in the encoder',
  'frames:dropped:source': 'Frames that the source made and that never came',
  'frames:seconds': 'Seconds of takes in which frames were counted, without pauses',
  'record:seconds': 'Seconds in which takes were recorded, without pauses',
  'bytes:written': 'Bytes written to disk',
  'quality:down': 'Moves to a lower quality level',
  'quality:up': 'Moves to a higher quality level',
  'pool:created': 'Captures that were opened',
  'pool:reused': 'Captures that were open already',
} as const satisfies Record<string, string>;

export type CounterName = keyof typeof COUNTERS;
