import { html, nothing, svg, type TemplateResult } from 'lit';
import type { PublisherPhase, PublisherState } from '../../core/live/index.js';
import type { MessageValues } from '../../core/messages.js';
import { draw, icon } from '../shared/icons.js';
import type { Word } from './words.js';

/** What is shown. */
export interface View {
  readonly publisher: PublisherState;
  /** Why it cannot be started. */
  readonly obstacle: Word | null;
  readonly say: (word: Word, values?: MessageValues) => string;
  readonly press: () => void;
}

export const isOn = (state: PublisherPhase): boolean =>
  state === 'connecting' || state === 'live' || state === 'recovering';

/** Waves that go out from a dot. */
const waves = svg`<circle class="solid" cx="12" cy="12" r="2.25" /><path d="M8.3 15.7a5.25 5.25 0 0 1 0-7.4M15.7 8.3a5.25 5.25 0 0 1 0 7.4M5.5 18.5a9.2 9.2 0 0 1 0-13M18.5 5.5a9.2 9.2 0 0 1 0 13" />`;

/** It stays the same node through all states, so that it keeps the focus. */
export function renderButton({ publisher: { state }, obstacle, say, press }: View): TemplateResult {
  const on = isOn(state);
  return html`<button
    type="button"
    class=${on ? 'button' : 'button primary'}
    part="button live-button"
    aria-disabled=${obstacle ? 'true' : nothing}
    aria-describedby=${obstacle ? 'hint' : nothing}
    @click=${press}
  >
    ${on ? icon('stop') : draw(waves)}<span class="label">${say(on ? 'publisher.stop' : 'publisher.start')}</span>
  </button>`;
}

/** The state in a word. */
export const renderStatus = ({ publisher: { state }, say }: View, beside: unknown): TemplateResult =>
  html`<p class="status ${state}" part="status">
    <i class="mark"></i><span>${say(`publisher.${state}`)}</span>${beside}
  </p>`;
