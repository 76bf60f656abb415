import { html, nothing, type TemplateResult } from 'lit';
import { summaryOf, type View } from './view.js';

/** The state in one line: a mark and a word for it, and what it is of. */
export function line(view: View): TemplateResult {
  const { state } = view.snapshot.diagnosis;
  return html`<p class="line" part="line">
    <span class="state ${state}" part="state"><i class="mark"></i>${view.say(`perf.state.${state}`)}</span>
    <span class="summary" part="summary">${summaryOf(view)}</span>
    ${blame(view)}
  </p>`;
}

/** The script that blocked the page, where that is the trouble and the browser says so. */
function blame({ snapshot, say }: View): TemplateResult | typeof nothing {
  const { diagnosis, page } = snapshot;
  if (diagnosis.cause !== 'page' || page.worst === null || page.worst === 'unsupported') return nothing;
  const { script } = page.worst;
  return script ? html`<span class="blame" part="blame">${say('perf.blame', { script })}</span>` : nothing;
}
