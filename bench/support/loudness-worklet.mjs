/**
 * loudness-worklet, as far as it can be had: not every registry has it, so that the lock file of the peers must not name
 * it. `ONAIR_LOUDNESS_WORKLET` is its worklet as its package has it (`dist/loudness.worklet.js`).
 */
import { readFileSync } from 'node:fs';

const file = process.env.ONAIR_LOUDNESS_WORKLET;

export const hasLoudnessWorklet = Boolean(file);

/** What a table says where it is missing. */
export const WITHOUT = hasLoudnessWorklet
  ? ''
  : 'loudness-worklet could not be had here; `ONAIR_LOUDNESS_WORKLET` names its worklet (`dist/loudness.worklet.js`).';

/** For `startServer`. */
export const loudnessRoutes = {
  '/peer/loudness.worklet.js': (_, response) => {
    if (!file) return response.writeHead(404).end();
    response.setHeader('Content-Type', 'text/javascript; charset=utf-8');
    return response.end(readFileSync(file, 'utf8'));
  },
};
