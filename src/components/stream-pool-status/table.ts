import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { PooledStream } from '../../core/capture/index.js';
import { icon, type IconName } from '../shared/icons.js';
import { countOf, nameOf, type PoolView } from './view.js';
import type { Word } from './words.js';

/** Every stream of the pool in a row of its own, and what the pool has done so far. */
export function table(view: PoolView): TemplateResult {
  const { status, say, release } = view;
  const head = (word: Word) => html`<th scope="col">${say(word)}</th>`;
  return html`
    ${
      status.streams.length > 0
        ? html`<table part="table">
            <caption part="caption">
              ${say('pool.label')}
            </caption>
            <thead>
              <tr>
                ${head('pool.devices')} ${head('pool.state')} ${head('pool.age')} ${head('pool.expires')}
                <th scope="col"><span class="unseen">${say('pool.action')}</span></th>
              </tr>
            </thead>
            <tbody>
              ${repeat(
                status.streams,
                ({ id }) => id,
                (stream) => row(stream, view),
              )}
            </tbody>
          </table>`
        : html`<div class="empty" part="empty">
            <slot name="empty"
              >${icon('camera')}
              <p>${say('pool.empty')}</p></slot
            >
          </div>`
    }
    <footer>
      ${counters(view)}
      ${
        countOf(status, 'parked') > 1
          ? html`<button type="button" class="button all" part="button release-all-button" @click=${() => release()}>
              ${icon('close')}${say('pool.release.all')}
            </button>`
          : nothing
      }
    </footer>
  `;
}

function row(stream: PooledStream, view: PoolView): TemplateResult {
  const { state, label, since, expiresAt } = stream;
  const { say, formats, now, release } = view;
  const name = nameOf(stream, view);
  const time = (milliseconds: number, round: (seconds: number) => number) =>
    formats.duration(round(Math.max(0, milliseconds) / 1000));
  return html`<tr class=${state} part="stream">
    <th scope="row">
      <span class="devices">
        ${icon(signOf(stream))}
        <span><span class="name" part="name">${name}</span> <span class="label" part="label">${label}</span></span>
      </span>
    </th>
    <td data-head=${say('pool.state')}>
      <span class="state ${state}" part="state"><i class="mark"></i>${say(`pool.${state}`)}</span>
      <span class="why" part="why">${why(stream, view)}</span>
    </td>
    <td class="time" part="age" data-head=${say('pool.age')}>${time(now - since, Math.floor)}</td>
    <td class="time" part="expiry" data-head=${say('pool.expires')}>
      ${
        expiresAt === null
          ? html`<span aria-hidden="true">–</span><span class="unseen">${say('pool.expires.never')}</span>`
          : time(expiresAt - now, Math.ceil)
      }
    </td>
    <td class="act">
      ${
        state === 'parked'
          ? html`<button
              type="button"
              class="button"
              part="button release-button"
              aria-label=${say('pool.release.name', { name })}
              @click=${() => release(stream)}
            >
              ${say('pool.release')}
            </button>`
          : nothing
      }
    </td>
  </tr>`;
}

function why({ state, leases }: PooledStream, { say }: PoolView): string {
  if (state === 'parked') return say('pool.why.parked');
  if (leases === 0) return say('pool.why.pending');
  return leases === 1 ? say('pool.why.live.one') : say('pool.why.live', { count: leases });
}

function signOf({ config: { video, audio } }: PooledStream): IconName {
  if (video !== 'none') return video;
  return audio.includes('microphone') ? 'microphone' : 'sound';
}

function counters({ status, say, formats }: PoolView): TemplateResult {
  const { created, reused, reuseRate, parked, expired, evicted } = status;
  const figure = (word: Word, value: number | string) =>
    html`<div>
      <dt>${say(word)}</dt>
      <dd>${value}</dd>
    </div>`;
  return html`<dl class="counters" part="counters">
    ${figure('pool.created', created)} ${figure('pool.reused', reused)}
    ${figure('pool.rate', reuseRate === null ? say('pool.rate.none') : formats.share(reuseRate))}
    ${figure('pool.kept', parked)} ${figure('pool.expired', expired)} ${figure('pool.evicted', evicted)}
  </dl>`;
}
