import { adoptStyles, type CSSResultOrNative, type LitElement } from 'lit';
import type { Recording, RecorderPhase, RecorderState } from '../../core/record/index.js';
import { RemovalWatch, type Field } from './removal-watch.js';
import { takeStyles } from './take-styles.js';
import type { Voice } from './take-words.js';
import { isRunning } from './view.js';

/** What is shown and said from the first take on. A page that only offers to record does not load it. */
export { renderPromise, renderReadout } from './readout.js';
export { renderConfirm, renderTakeButtons } from './take-deck.js';
export { voice, type Voice } from './take-words.js';

/** Makes ready an element that is to show a take: gives it the styles, and looks after its value. */
export function join(element: LitElement & Field, styles: CSSResultOrNative[]): void {
  adoptStyles(element.renderRoot as ShadowRoot, [...styles, takeStyles]);
  new RemovalWatch(element);
}

/** What a change of state is told by; nothing for those that pass. */
export function tell(
  { state }: RecorderState,
  before: RecorderPhase,
  recorded: Recording | null,
  { say }: Voice,
): string {
  if (recorded) return say('recorder.told.saved', { name: recorded.name });
  if (state === 'paused') return say('recorder.told.paused');
  if (state === 'recording') return say(before === 'paused' ? 'recorder.told.resumed' : 'recorder.told.started');
  return state === 'idle' && isRunning(before) ? say('recorder.told.discarded') : '';
}
