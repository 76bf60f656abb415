import { html, nothing, type TemplateResult } from 'lit';
import { icon } from '../shared/icons.js';
import { isRunning, type Actions, type View } from './view.js';

/** The button that starts and stops. It stays the same node through all states, so that it keeps the focus. */
export function renderRecordButton(
  { state, obstacle, hint, inactive }: View,
  act: Pick<Actions, 'press'>,
  say: (key: 'recorder.stop' | 'recorder.record') => string,
): TemplateResult {
  const on = isRunning(state) || state === 'starting' || state === 'finishing';
  return html`
    <button
      type="button"
      class="record ${on ? 'on' : ''}"
      part="button record-button"
      aria-disabled=${obstacle || state === 'finishing' ? 'true' : nothing}
      aria-describedby=${obstacle && hint ? 'hint' : nothing}
      ?disabled=${inactive && !on}
      @click=${act.press}
    >
      <span class="ring">${icon(on ? 'stop' : 'record')}</span
      ><span class="label">${say(on ? 'recorder.stop' : 'recorder.record')}</span>
    </button>
  `;
}
