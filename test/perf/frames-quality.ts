/** How like its source a recording is: SSIM and PSNR of every picture, by ffmpeg. */
import { unlinkSync } from 'node:fs';
import type { BrowserName } from '../support/browser.js';
import { inspect } from '../support/ffmpeg.js';
import type { PageSetup, Stopped } from '../support/stage.js';
import { cameraFilm, likeness, makePictures, playedFilm } from './known-film.js';
import { median, onStage, onTab, type RunOptions, seconds, table } from './support.js';

const BITRATES = [500_000, 1_500_000];

const TAKES: readonly [label: string, browser: BrowserName, recorder: Record<string, string>][] = [
  ['chromium, WebM', 'chromium', { format: 'webm' }],
  ['chromium, MP4', 'chromium', { format: 'mp4' }],
  ['chromium, MediaRecorder', 'chromium', { engine: 'mediarecorder' }],
  ['firefox, MediaRecorder', 'firefox', { engine: 'mediarecorder' }],
  ['firefox, WebM', 'firefox', { engine: 'webcodecs', format: 'webm' }],
];

const figures = (values: readonly number[], digits: number) =>
  `${median(values).toFixed(digits)} (${Math.min(...values).toFixed(digits)})`;

export async function run({ quick, say }: RunOptions): Promise<string> {
  const length = quick ? 2 : 8;
  const pictures = await makePictures();
  const rows: string[][] = [];
  for (const [label, browser, recorder] of TAKES) {
    const camera = [`--use-file-for-fake-video-capture=${cameraFilm(pictures)}`];
    await onStage(browser, browser === 'chromium' ? { args: camera } : {}, async (stage) => {
      if (browser === 'firefox') await playedFilm(pictures, stage.server.file('known.webm'));
      for (const bitrate of quick ? BITRATES.slice(-1) : BITRATES) {
        const setup: PageSetup = {
          ...(browser === 'chromium'
            ? { source: 'devices' }
            : { source: 'film', options: { url: '/files/known.webm' } }),
          attributes: { width: 640, height: 360, 'frame-rate': 30, quality: 'fixed' },
          recorders: [{ ...recorder, 'video-bitrate': String(bitrate) }],
          library: 'off',
        };
        await onTab(stage, setup, async (tab) => {
          await tab.call('start');
          await seconds(length);
          const [take] = await tab.call<Stopped[]>('stop');
          const file = await stage.fetch(tab, take!);
          const { streams, packets, duration } = await inspect(file);
          const bytes = packets.filter(({ type }) => type === 'video').reduce((sum, { size }) => sum + size, 0);
          const { frames, ssim, psnr } = await likeness(file, pictures);
          unlinkSync(`${file}.yuv`);
          const codec = streams.find(({ codec_type }) => codec_type === 'video')!.codec_name;
          const made = (bytes * 8) / (duration || take!.duration) / 1e6;
          const asked = (bitrate / 1e6).toFixed(1);
          rows.push([`${label}, ${codec}`, asked, made.toFixed(2), String(frames), figures(ssim, 4), figures(psnr, 1)]);
          say(rows.at(-1)!.join(', '));
        });
      }
    });
  }
  return [
    `A moving test picture under noise, 640x360 at 30 a second, that Chromium's camera plays from a file and Firefox from a film without loss; every picture says which one it is, and each that was recorded (${length} s) is held against it by ffmpeg. Median (least).`,
    table(['take', 'asked, Mbit/s', 'made', 'pictures', 'SSIM', 'PSNR of luma, dB'], rows),
  ].join('\n\n');
}
