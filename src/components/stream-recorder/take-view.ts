import type { RecorderState } from '../../core/record/index.js';
import { voice, type Voice } from './take-words.js';

/** What is shown and said from the first take on. A page that only offers to record does not load it. */
export { renderPromise, renderReadout } from './readout.js';
export { RemovalWatch } from './removal-watch.js';
export { renderConfirm, renderTakeButtons } from './take-deck.js';
export { takeStyles } from './take-styles.js';
export { voice, type Voice };

/** What a change of state is told by, behind what else there is to tell; nothing for those that pass. */
export function tell(now: RecorderState, before: RecorderState, told: string, lang: string): string {
  const change = changeOf(now, before, voice(lang));
  return change && `${told} ${change}`.trim();
}

function changeOf({ state, recording }: RecorderState, before: RecorderState, { say }: Voice): string {
  if (recording && recording !== before.recording) return say('recorder.told.saved', { name: recording.name });
  if (state === 'paused') return say('recorder.told.paused');
  if (state === 'recording') return say(before.state === 'paused' ? 'recorder.told.resumed' : 'recorder.told.started');
  return state === 'idle' && before.state !== 'starting' ? say('recorder.told.discarded') : '';
}
