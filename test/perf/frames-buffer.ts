/** How full the queues get, and how much longer they would have held. */
import { playAll, type Played, SOURCE } from './conditions.js';
import { type RunOptions, table } from './support.js';

export async function run(options: RunOptions): Promise<string> {
  const { played, length } = await playAll(options);
  const rows = played.map((takes) => {
    const of = (name: string) => takes.flatMap(({ histograms }: Played) => histograms[name] ?? []);
    const text = (values: number[], pick: 'min' | 'max', digits: number) =>
      values.length > 0 ? Math[pick](...values).toFixed(digits) : '–';
    const looks = of('queue:encoder').reduce((sum, { count }) => sum + count, 0);
    const figures = [
      text(
        of('queue:encoder').map(({ p50 }) => p50),
        'max',
        0,
      ),
      text(
        of('queue:encoder').map(({ max }) => max),
        'max',
        0,
      ),
      text(
        of('headroom:encoder').map(({ p50 }) => p50),
        'min',
        2,
      ),
      text(
        of('headroom:encoder').map(({ min }) => min),
        'min',
        2,
      ),
      text(
        of('queue:disk').map(({ max }) => max / 1000),
        'max',
        0,
      ),
      text(
        of('headroom:disk').map(({ min }) => min),
        'min',
        0,
      ),
    ];
    return [takes[0]!.label, takes.length, looks, ...figures];
  });
  return [
    `${SOURCE} ${length} s each. Queues are looked at four times a second, that of the disk once; head-room is the time for which encoder or disk may stand still before a frame is lost. The worst of the takes of a row.`,
    table(
      [
        'take',
        'takes',
        'looks',
        'frames waiting, p50',
        'most',
        'head-room of the encoder, s, p50',
        'least',
        'kB waiting for the disk, most',
        'head-room of the disk, s, least',
      ],
      rows,
    ),
  ].join('\n\n');
}
