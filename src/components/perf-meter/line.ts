import { html, nothing, type TemplateResult } from 'lit';
import { summaryOf, type View } from './view.js';

/** The state in one line: a mark and a word for it, and what it is of. */
export function line(view: View): TemplateResult {
  const { state } = view.snapshot.diagnosis;
  const script = toBlame(view);
  return html`<p class="line" part="line">
    <span class="state ${state}" part="state"><i class="mark"></i>${view.say(`perf.state.${state}`)}</span>
    <span class="summary" part="summary">${summaryOf(view)}</span>
    ${script ? html`<span class="blame" part="blame">${view.say('perf.blame', { script })}</span>` : nothing}
  </p>`;
}

/** All that differs from one line to another. */
export const saidBy = (view: View): string =>
  [view.snapshot.diagnosis.state, summaryOf(view), toBlame(view)].join('\n');

/** The script that blocked the page, where that is the trouble and the browser says so; empty where not. */
function toBlame({ snapshot }: View): string {
  const { diagnosis, page } = snapshot;
  const blocked = diagnosis.cause === 'page' && page.worst !== null && page.worst !== 'unsupported';
  return blocked ? page.worst.script : '';
}
