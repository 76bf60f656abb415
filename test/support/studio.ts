import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before } from 'node:test';
import { strictCsp } from '../../demo/server/server.mjs';
import type { BrowserName, Tab } from './browser.js';
import { assertConforms } from './conforms.js';
import { ffmpeg } from './ffmpeg.js';
import { type PageSetup, Stage, type Stopped } from './stage.js';

/** The bars of test/pages/sources.js. */
export const CARD = ['ffffff', 'bfbf00', '00bfbf', '00bf00', 'bf00bf', 'bf0000', '0000bf', '101010'];

/** The sound card that Firefox makes up for tests runs some per cent slow, and all sound with it. */
const TRUE_TIME = { 'media.cubeb.force_mock_context': false };

export type Way = Record<string, string>;

export const way = (engine: string, format: string): Way => ({
  'recording-name': `${engine} ${format}`,
  engine,
  format,
});

/** The ways in which a browser makes files by itself, and Firefox by its other engine. */
export const WAYS: Record<BrowserName, Way[]> = {
  chromium: [way('webcodecs', 'webm'), way('webcodecs', 'mp4')],
  firefox: [{ 'recording-name': 'auto' }, way('webcodecs', 'webm')],
};

/** The policy of a page that lets the AAC encoder in (docs/csp.md). */
export const WITH_AAC = `${strictCsp}; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:`;

/** A browser with a camera that shows the card, and takes by all of its ways. */
export class Studio {
  stage!: Stage;
  #folder = '';

  constructor(readonly name: BrowserName) {
    before(async () => {
      this.#folder = await mkdtemp(join(tmpdir(), 'onair-camera-'));
      const camera = join(this.#folder, 'card.y4m');
      if (name === 'chromium') await makeCameraCard(camera);
      this.stage = await Stage.open(
        name,
        name === 'chromium' ? { args: [`--use-file-for-fake-video-capture=${camera}`] } : { prefs: TRUE_TIME },
      );
    });
    afterEach(() => this.stage.clear());
    after(async () => {
      await this.stage?.close();
      await rm(this.#folder, { recursive: true, force: true });
    });
  }

  /** One take by all ways at once; lets `meanwhile` happen in its middle. */
  async shoot(setup: PageSetup, duration: number, meanwhile?: (tab: Tab) => Promise<unknown>) {
    const tab = await this.stage.tab({ recorders: WAYS[this.name], library: 'off', ...setup });
    assert.deepEqual(
      new Set(await tab.call<string[]>('start')),
      new Set(['recording']),
      JSON.stringify(await tab.call('log')),
    );
    await tab.call('recorded', meanwhile ? duration / 2 : duration);
    await meanwhile?.(tab);
    if (meanwhile) await tab.call('recorded', duration);
    const takes = await tab.call<Stopped[]>('stop');
    const files = await Promise.all(
      takes.map(async (take) => ({ take, ...(await assertConforms(this.stage, tab, take)) })),
    );
    return { tab, files };
  }
}

/** The card as a camera gives it: limited range, BT.601. */
async function makeCameraCard(file: string): Promise<void> {
  const bars = CARD.flatMap((colour) => [
    '-f',
    'lavfi',
    '-i',
    `color=0x${colour}:size=80x480:rate=20:duration=1,format=rgb24`,
  ]);
  const join = `${CARD.map((_, index) => `[${index}]`).join('')}hstack=inputs=${CARD.length},scale=out_color_matrix=bt601:out_range=tv:flags=accurate_rnd+full_chroma_int,format=yuv420p`;
  await ffmpeg(...bars, '-filter_complex', join, '-y', file);
}
