/** What of a camera arrives at a server, and when, by a way that is free, narrow or lossy. */
import { setTimeout as sleep } from 'node:timers/promises';
import { dimRoom } from '../../bench/support/film.mjs';
import { openPeer } from '../../demo/server/peer.mjs';
import { strictCsp } from '../../demo/server/server.mjs';
import { startServer } from '../../demo/server/start-server.mjs';
import type { Tab } from '../support/browser.js';
import { until, type MediaServer } from '../support/live-stage.js';
import { Arrivals } from './arrivals.js';
import {
  BROWSERS,
  devices,
  type Measured,
  onStage,
  onTab,
  type RunOptions,
  spread,
  stretch,
  table,
} from './support.js';

/** Bits per second that the publisher asks for. */
const ASKED = 1_500_000;

const WAYS: readonly { label: string; bitrate: number | null; drop: number }[] = [
  { label: 'free', bitrate: null, drop: 0 },
  { label: 'of 400 kbit/s', bitrate: 400_000, drop: 0 },
  { label: 'that loses 5 % of the packets', bitrate: null, drop: 0.05 },
];

/** Counts of what was sent and what of it has arrived. */
interface Reading {
  at: number;
  sent: { encoded: number; encodeTime: number; roundTrip: number | null };
  arrived: { frames: number; bytes: number; packets: number; lost: number };
}

export async function run({ quick, say }: RunOptions): Promise<string> {
  const { settle, length } = quick ? { settle: 3, length: 3 } : { settle: 15, length: 15 };
  const rows: string[][] = [];
  for (const browser of BROWSERS) {
    const args = browser === 'chromium' ? [`--use-file-for-fake-video-capture=${dimRoom()}`] : [];
    await onStage(browser, { args }, async (stage) => {
      for (const way of WAYS) {
        const arrivals = new Arrivals();
        const media = await startServer({ openPeer: arrivals.over(openPeer) });
        Object.assign(media.faults, { bitrate: way.bitrate, drop: way.drop });
        stage.server.policy = `${strictCsp}; connect-src *`;
        const tags = { 'stream-publisher': { src: `${media.url}/whip/room`, 'max-bitrate': ASKED } };
        const setup = devices(640, 480, { recorders: [], tags, attributes: { quality: 'fixed' } });
        try {
          await onTab(stage, setup, async (tab) => {
            await tab.call('live');
            const came = await tab.call<string>('publish');
            if (came !== 'done') throw new Error(`It did not go live: ${came}.`);
            await until(() => media.sessions.find(({ video }) => video.frames > 20));
            // In which the browser finds out what the way can carry.
            await sleep(settle * 1000);
            await tab.call('measureFrom');
            arrivals.clear();
            const readings = [await read(tab, media)];
            for (let second = 0; second < length; second++) {
              await sleep(1000);
              readings.push(await read(tab, media));
            }
            const { histograms } = await tab.call<Measured>('measured');
            rows.push([
              `${browser}, ${way.label}`,
              ...figures(readings),
              stretch(histograms['network:send']),
              delays(arrivals),
            ]);
            say(rows.at(-1)!.join(', '));
          });
        } finally {
          await media.close();
        }
      }
    });
  }
  return [
    `A camera of 640x480 at 30 frames a second (Chromium: a dim room, as above; Firefox: its own, which is easier to encode) and a microphone, published to the embedded server at up to ${ASKED / 1000} kbit/s (\`max-bitrate\`, \`quality="fixed"\`), by ways that the server makes: it tells what may be sent, or loses packets, which the browser sends again. Measured over ${length} s from ${settle} s after the first pictures. Each second by itself: median (least to most). From the capture of a picture to its last packet at the server by the clock of the sender's reports; both are on one machine.`,
    table(
      [
        'way',
        'kbit/s at the server',
        'pictures/s at the server',
        'lost for good, %',
        'packets/s',
        'round trip, ms',
        'encoding a picture, ms',
        'a packet waits to be sent, ms: p50 / p95 / most',
        'capture to server, ms: p50 / p95 / most',
      ],
      rows,
    ),
  ].join('\n\n');
}

async function read(tab: Tab, media: MediaServer): Promise<Reading> {
  const sent = await tab.call<Reading['sent']>('sending');
  const { frames, bytes, packets, lost } = media.sessions[0]!.video;
  return { at: performance.now() / 1000, sent, arrived: { frames, bytes, packets, lost } };
}

function figures(readings: readonly Reading[]): string[] {
  const each = (of: (now: Reading, before: Reading) => number) =>
    readings.slice(1).map((now, index) => of(now, readings[index]!));
  const rate = (what: keyof Reading['arrived'], scale: number) =>
    each((now, before) => ((now.arrived[what] - before.arrived[what]) * scale) / (now.at - before.at));
  const [first, last] = [readings[0]!, readings.at(-1)!];
  const [lost, came] = (['lost', 'packets'] as const).map((what) => last.arrived[what] - first.arrived[what]);
  const trips = readings.flatMap(({ sent }) => (sent.roundTrip === null ? [] : [sent.roundTrip * 1000]));
  const encoding = each((now, before) => {
    const pictures = now.sent.encoded - before.sent.encoded;
    return pictures > 0 ? ((now.sent.encodeTime - before.sent.encodeTime) / pictures) * 1000 : NaN;
  });
  return [
    spread(rate('bytes', 8 / 1000), 0),
    spread(rate('frames', 1), 1),
    ((100 * lost!) / (lost! + came!)).toFixed(1),
    spread(rate('packets', 1), 0),
    spread(trips, 1),
    spread(
      encoding.filter((time) => !Number.isNaN(time)),
      1,
    ),
  ];
}

function delays(arrivals: Arrivals): string {
  const sorted = [...arrivals.delays].sort((one, other) => one - other);
  if (sorted.length === 0) return '–';
  const share = (of: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * of))]!;
  return [share(0.5), share(0.95), sorted.at(-1)!].map((seconds) => (seconds * 1000).toFixed(0)).join(' / ');
}
