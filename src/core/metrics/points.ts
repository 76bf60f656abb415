/**
 * The monitoring points: the stretches of work that every stage stamps at start and end, whichever thread it runs in.
 * One table, so that stages, monitors and exporters use the same names.
 */
export const POINTS = {
  'asset:load': 'An image, font or video of a scene, from asking for it until it can be drawn',
  'layout:update': 'Working out where the layers of a scene go',
  'render:setup': 'Getting a renderer ready: context, shaders, buffers',
  'render:frame': 'Drawing one frame of a scene',
  'pipeline:queue': 'A frame waiting for a place in the pipeline',
  'pipeline:process': 'A frame in the hands of a pipeline step',
  encode: 'A frame or block of samples, from the encoder taking it until the packet is out',
  'disk:write': 'One write to disk, with the flush where it has one',
  'network:send': 'A message, from handing it over until the connection has taken it',
} as const satisfies Record<string, string>;

export type MonitoringPoint = keyof typeof POINTS;
