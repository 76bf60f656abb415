/**
 * The monitoring points: stretches of work that stages stamp at start and end, whichever thread they run in. One table, so
 * that stages, monitors and exporters use the same names. `layout:update` comes with scenes: nobody stamps it yet.
 */
export const POINTS = {
  'asset:load':
    'A part that a stage needs before it can work: a worker, a worklet, an encoder; of a scene an image, font or video',
  'layout:update': 'Working out where the layers of a scene go',
  'render:setup': 'Getting ready what pictures are drawn with',
  'render:frame': 'Drawing one picture: one that has to be fitted, or one of a scene',
  'pipeline:queue': 'A frame waiting for the encoder to turn to it',
  'pipeline:process': 'A frame being fitted: size, colour, a copy where it has to wait',
  encode: 'A frame, from the encoder taking it until the packet is out',
  'encode:sound': 'A packet of sound, from the encoder taking its last samples until it is out',
  'disk:write': 'One write to disk, with the flush where it has one',
  'network:send':
    'A packet, from the encoder handing it over until it is sent: the mean of each look at the connection',
} as const satisfies Record<string, string>;

export type MonitoringPoint = keyof typeof POINTS;

/** What else holds up one frame on its way, beside the points. */
export const FRAME_TIMERS = {
  'frame:capture': 'A frame on its way from the source, beyond the quickest of the last seconds',
  'frame:encode': 'The encoder at work on a frame',
  'frame:mux': 'A packet, from the encoder until the container has taken it',
  'frame:total': 'A frame of the source, from when it was made until the container has taken its packet',
} as const satisfies Record<string, string>;

/** What is timed, in seconds. */
export type Timed = MonitoringPoint | keyof typeof FRAME_TIMERS;

/** The critical path of a frame, in order, with the name under which each of its stages is timed. */
export const FRAME_PATH = {
  capture: 'frame:capture',
  queue: 'pipeline:queue',
  process: 'pipeline:process',
  encode: 'frame:encode',
  mux: 'frame:mux',
  write: 'disk:write',
  send: 'network:send',
  total: 'frame:total',
} as const satisfies Record<string, Timed>;

export type PathStage = keyof typeof FRAME_PATH;

/** What is looked at now and then, and not at each change: a window of looks tells how it was, and never a stale one. */
export const LEVELS = {
  'queue:encoder': 'Frames that wait for the encoder',
  'queue:disk': 'Bytes that wait for the disk',
  'queue:network': 'Packets that wait to be sent',
  'headroom:encoder': 'Seconds for which the encoder may stand still before a frame is lost',
  'headroom:disk': 'Seconds for which the disk may stand still before a frame is lost',
} as const satisfies Record<string, string>;

export type LevelName = keyof typeof LEVELS;
