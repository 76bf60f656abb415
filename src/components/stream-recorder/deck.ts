import { html, nothing, type TemplateResult } from 'lit';
import type { RecorderPhase } from '../../core/record/index.js';
import { icon, type IconName } from '../shared/icons.js';
import type { Actions, View, Voice } from './view.js';

export const isRunning = (state: RecorderPhase): boolean => state === 'recording' || state === 'paused';

/** The first button stays the same node through all states, so that it keeps the focus. */
export function renderButtons(
  { state, obstacle, hint, inactive, saved }: View,
  act: Actions,
  voice: Voice,
): TemplateResult {
  const on = isRunning(state) || state === 'starting' || state === 'finishing';
  const paused = state === 'paused';
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
      ><span class="label">${voice.say(on ? 'recorder.stop' : 'recorder.record')}</span>
    </button>
    ${
      isRunning(state)
        ? html`${renderBare('pause', paused ? 'play' : 'pause', voice.say(paused ? 'recorder.resume' : 'recorder.pause'), paused ? act.resume : act.pause)}
          ${renderBare('discard', 'trash', voice.say('recorder.discard'), act.ask)}`
        : nothing
    }
    ${saved ? renderBare('download', 'download', voice.say('recorder.download'), act.download) : nothing}
  `;
}

function renderBare(name: string, sign: IconName, label: string, act: () => void): TemplateResult {
  return html`<button
    type="button"
    class="button bare ${name}"
    part="button ${name}-button"
    aria-label=${label}
    @click=${act}
  >
    ${icon(sign)}<span class="tip" aria-hidden="true">${label}</span>
  </button>`;
}

/** The second of two steps: what is discarded is gone. */
export function renderConfirm(act: Pick<Actions, 'discard' | 'keep'>, { say }: Voice): TemplateResult {
  const escape = (event: KeyboardEvent) => {
    if (event.key === 'Escape') act.keep();
  };
  return html`<div class="confirm" part="confirm" role="group" aria-labelledby="ask" @keydown=${escape}>
    <p id="ask">${say('recorder.discard.ask')}</p>
    <div>
      <button type="button" class="button keep" part="button" @click=${act.keep}>
        ${say('recorder.discard.keep')}
      </button>
      <button type="button" class="button sure" part="button" @click=${act.discard}>
        ${icon('trash')}${say('recorder.discard')}
      </button>
    </div>
  </div>`;
}
