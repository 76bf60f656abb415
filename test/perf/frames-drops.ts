/** Frames that are lost, and where. */
import { playAll, SOURCE } from './conditions.js';
import { type RunOptions, table } from './support.js';

const CAUSES = ['queue', 'late', 'disk', 'encoder', 'source'] as const;

export async function run(options: RunOptions): Promise<string> {
  const { played, length } = await playAll(options);
  const rows = played.map((takes) => {
    const sum = (name: string) => takes.reduce((all, { counters }) => all + (counters[`frames:${name}`] ?? 0), 0);
    const wanted = sum('captured') + sum('dropped:source') - sum('dropped:rate');
    const lost = CAUSES.reduce((all, cause) => all + sum(`dropped:${cause}`), 0);
    const causes = CAUSES.map((cause) => sum(`dropped:${cause}`));
    const share = ((lost / wanted) * 100).toFixed(1);
    return [takes[0]!.label, takes.length, sum('captured'), sum('dropped:rate'), sum('taken'), share, ...causes];
  });
  return [
    `${SOURCE} ${length} s each; all takes of a row are added up. Lost are shares of the wanted frames, in %; "rate" was left out to keep the frame rate, which is no loss. By cause: too many waited, came too late, given up for the disk, lost in the encoder, made by the source and never come.`,
    table(['take', 'takes', 'came', 'rate', 'encoded', 'lost, %', ...CAUSES], rows),
  ].join('\n\n');
}
