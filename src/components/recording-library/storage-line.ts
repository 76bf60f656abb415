import { html, nothing, type TemplateResult } from 'lit';
import type { Recording, StorageState } from '../../core/record/index.js';
import { icon } from '../shared/icons.js';
import type { Formats } from '../shared/format.js';
import type { Word } from './words.js';

/** How much there is, how much is left, and what may happen to it. */
export function storageLine(
  recordings: readonly Recording[],
  storage: StorageState | null,
  formats: Formats,
  say: (word: Word, values?: Readonly<Record<string, string>>) => string,
): TemplateResult {
  const count = recordings.length;
  const total = recordings.reduce((sum, recording) => sum + recording.size, 0);
  const evictable = storage !== null && !storage.persisted && !storage.memoryOnly && count > 0;
  const parts = [
    count === 1 ? say('library.count.one') : say('library.count', { count: String(count) }),
    say('library.size', { size: formats.size(total) }),
    ...(storage ? [say('library.left', { left: formats.size(storage.left) })] : []),
  ];
  return html`<footer class="storage" part="storage">
    <p class="figures">${parts.slice(count === 0 ? 2 : 0).map((part) => html`<span>${part}</span> `)}</p>
    ${evictable ? html`<p>${say('library.evictable')}</p>` : nothing}
    ${storage?.memoryOnly ? html`<p class="notice">${icon('warning')}<span>${say('library.memory')}</span></p>` : nothing}
  </footer>`;
}
