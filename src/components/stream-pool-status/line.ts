import { html, nothing, type TemplateResult } from 'lit';
import { icon } from '../shared/icons.js';
import { countOf, STREAM_STATES, type PoolView } from './view.js';

/** The pool in one line: how many of each, and how many of all captures were open already. */
export function line({ status, say, formats, release }: PoolView): TemplateResult {
  const { streams, reuseRate } = status;
  const all = say('pool.release.all');
  const parts = STREAM_STATES.filter((state) => countOf(status, state) > 0).map(
    (state) =>
      html`<span class="state ${state}" part="state"
        ><i class="mark"></i>${say(`pool.count.${state}`, { count: countOf(status, state) })}</span
      > `,
  );
  return html`<div class="line" part="line">
    <p class="figures">
      ${streams.length > 0 ? parts : html`<span class="none">${say('pool.none')}</span> `}
      ${reuseRate === null ? nothing : html`<span class="reuse">${say('pool.count.reuse', { share: formats.share(reuseRate) })}</span>`}
    </p>
    ${
      countOf(status, 'parked') > 0
        ? html`<button
            type="button"
            class="button bare plain"
            part="button release-all-button"
            aria-label=${all}
            @click=${() => release()}
          >
            ${icon('close')}<span class="tip" aria-hidden="true">${all}</span>
          </button>`
        : nothing
    }
  </div>`;
}
