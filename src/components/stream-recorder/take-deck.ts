import { html, nothing, type TemplateResult } from 'lit';
import { icon, type IconName } from '../shared/all-icons.js';
import type { Voice } from './take-words.js';
import { isRunning, type Actions, type View } from './view.js';

/** The buttons beside the record button: for a take that runs, and for one that was kept. */
export function renderTakeButtons(
  { state, saved }: View,
  act: Actions,
  { say }: Voice,
): readonly (TemplateResult | typeof nothing)[] {
  const paused = state === 'paused';
  return [
    isRunning(state)
      ? html`${renderBare('pause', paused ? 'play' : 'pause', say(paused ? 'recorder.resume' : 'recorder.pause'), paused ? act.resume : act.pause)}
        ${renderBare('discard', 'trash', say('recorder.discard'), act.ask)}`
      : nothing,
    saved ? renderBare('download', 'download', say('recorder.download'), act.download) : nothing,
  ];
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
    if (event.key !== 'Escape') return;
    // It answers this question only: a dialog around the element would close, too.
    event.preventDefault();
    event.stopPropagation();
    act.keep();
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
