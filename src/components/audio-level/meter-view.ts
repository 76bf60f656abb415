import { html, nothing, type TemplateResult } from 'lit';
import { icon, type IconName } from '../shared/icons.js';
import type { Word } from './desk-words.js';
import type { Bar, Figure, Plan, Say } from './plan.js';

/** What is the case beside the levels. */
export interface Flag {
  readonly word: Word;
  readonly icon: IconName;
  /** Whether something was lost. */
  readonly bad?: boolean;
}

/** What the buttons do. */
export interface MeterActions {
  readonly pause: () => void;
  readonly resume: () => void;
  readonly reset: () => void;
  /** Lets in a sound that is held back. */
  readonly letIn: () => void;
}

export interface MeterView {
  readonly plan: Plan;
  readonly say: Say;
  readonly flags: readonly Flag[];
  /** A sentence about what is missing. */
  readonly hint: string | null;
  readonly suspended: boolean;
  readonly paused: boolean;
  /** Whether there is an integration, which can be paused. */
  readonly integrates: boolean;
  readonly actions: MeterActions;
}

/**
 * The bars are for the eye only, and have no role: of a meter that moves by itself, screen readers make a progress bar
 * that speaks or beeps with each step (w3c/aria#2872). Beside each bar its name and its value stand as text.
 */
export function renderMeter(view: MeterView): TemplateResult {
  const { plan, flags, hint, suspended, say } = view;
  return html`
    ${suspended ? renderSuspended(view) : nothing}
    <div class=${plan.vertical ? 'meter vertical' : 'meter'} part="meter">
      <dl class="bars">${plan.bars.map((bar) => renderBar(bar, plan))}</dl>
      <canvas class="cover" aria-hidden="true"></canvas>
      ${renderScale(plan)}
    </div>
    <div class="foot">
      <dl class="figures" part="figures">${plan.figures.map(renderFigure)}</dl>
      <div class="controls" part="controls"><slot name="controls">${renderButtons(view)}</slot></div>
    </div>
    <p class="flags" part="flags" ?hidden=${flags.length === 0}>
      ${flags.map(
        ({ word, icon: sign, bad }) => html`<span class=${bad ? 'flag bad' : 'flag'}>${icon(sign)}${say(word)}</span> `,
      )}
    </p>
    ${renderHint(hint)}
  `;
}

export const renderHint = (hint: string | null): TemplateResult | typeof nothing =>
  hint ? html`<p class="hint" part="hint">${hint}</p>` : nothing;

function renderBar(bar: Bar, plan: Plan): TemplateResult {
  return html`<div class="bar-row">
    <dt class="name" part="name">${renderName(bar)}</dt>
    <dd>
      <span class="bar" part="bar" aria-hidden="true"
        >${plan.scale.target === null ? nothing : html`<i class="target" part="target"></i>`}</span
      >
      ${renderValue(bar)}
    </dd>
  </div>`;
}

function renderFigure(figure: Figure): TemplateResult {
  return html`<div class="figure">
    <dt>${renderName(figure)}</dt>
    <dd>${renderValue(figure)}</dd>
  </div>`;
}

/** Short to the eye, in full to the ear. */
const renderName = ({ short, name }: Figure) =>
  html`<span aria-hidden="true" title=${name}>${short}</span><span class="unseen">${name}</span>`;

/** The number is written by the painter. */
const renderValue = ({ unit, note }: Figure) =>
  html`<span class="value" part="value"
    ><span class="number">–</span>${unit ? html` <span class="unit">${unit}</span>` : nothing}${
      note ? html` <span class="note" hidden>${note.text}</span>` : nothing
    }</span
  >`;

const renderScale = ({ scale, unit }: Plan) =>
  html`<div class="scale" part="scale" aria-hidden="true">
    <span class="scale-unit">${unit}</span>
    <span class="ticks"
      >${scale.ticks.map(
        ({ label, rank, at }) =>
          html`<span class="tick rank-${rank} ${at === scale.target ? 'aim' : ''}">${label}</span>`,
      )}${scale.target === null ? nothing : html`<i class="pointer"></i>`}</span
    >
  </div>`;

function renderButtons({ integrates, paused, actions, say }: MeterView): TemplateResult {
  const bare = (name: string, word: Word, sign: IconName, act: () => void) =>
    html`<button type="button" class="button bare plain" part="button ${name}" aria-label=${say(word)} @click=${act}>
      ${icon(sign)}<span class="tip" aria-hidden="true">${say(word)}</span>
    </button>`;
  const pause = paused
    ? bare('pause-button', 'level.resume', 'play', actions.resume)
    : bare('pause-button', 'level.pause', 'pause', actions.pause);
  return html`${integrates ? pause : nothing}${bare('reset-button', 'level.reset', 'again', actions.reset)}`;
}

const renderSuspended = ({ say, actions }: MeterView) =>
  html`<div class="notice held">
    ${icon('sound')}
    <div>
      <p>${say('level.suspended')}</p>
      <button type="button" class="button primary" part="button resume-button" @click=${actions.letIn}>
        ${say('level.let-in')}
      </button>
    </div>
  </div>`;
