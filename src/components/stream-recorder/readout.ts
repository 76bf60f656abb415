import { html, nothing, type TemplateResult } from 'lit';
import type { Guarantee, Recording, RecorderPhase, RecorderState } from '../../core/record/index.js';
import { icon } from '../shared/all-icons.js';
import { clockTime, figure, fileSize, percent, timeLeft } from './figures.js';
import type { Voice } from './take-words.js';
import type { View } from './view.js';

/** The state in a word, and its figures. */
export function renderReadout({ state, saved, take, limit }: View, voice: Voice): TemplateResult {
  const waits = state === 'idle' || state === 'failed';
  return html`
    ${saved ? [renderStatus('saved', voice), renderSaved(saved, voice)] : nothing}
    ${state === 'idle' ? nothing : renderStatus(state, voice)} ${waits ? nothing : renderTake(take, limit, voice)}
    ${take.copied === null ? nothing : renderCopied(take.copied, voice)}
  `;
}

function renderStatus(state: Exclude<RecorderPhase, 'idle'> | 'saved', { say }: Voice): TemplateResult {
  return html`<span class="status" part="status"><i class="mark ${state}"></i>${say(`recorder.${state}`)}</span>`;
}

/** Time, size, what storage still takes, and what was lost of a take that runs. */
function renderTake(take: RecorderState, maxDuration: number | null, { say, lang }: Voice): TemplateResult {
  const left = take.secondsLeft === null || take.state === 'finishing' ? null : timeLeft(take.secondsLeft);
  return html`<dl class="figures">
    <div class="time">
      <dt class="unseen">${say('recorder.time')}</dt>
      <dd part="time">
        ${clockTime(take.duration)}${maxDuration === null ? nothing : html`<span class="of"> / ${clockTime(maxDuration)}</span>`}
      </dd>
    </div>
    <div>
      <dt class="unseen">${say('recorder.size')}</dt>
      <dd part="size">${fileSize(take.size, lang)}</dd>
    </div>
    ${
      left
        ? html`<div class=${left.short ? 'short' : ''}>
            <dt class="unseen">${say('recorder.left')}</dt>
            <dd part="left">
              ${left.short ? icon('warning') : nothing}${say(left.key, { count: figure(left.count, lang) })}
            </dd>
          </div>`
        : nothing
    }
    ${
      take.framesDropped !== null && take.framesDropped > 0
        ? html`<div class="short">
            <dt class="unseen">${say('recorder.dropped')}</dt>
            <dd part="dropped">
              ${icon('warning')}${say('recorder.dropped.of', {
                count: figure(take.framesDropped, lang),
                frames: figure(take.frames, lang),
              })}
            </dd>
          </div>`
        : nothing
    }
  </dl>`;
}

/** How much is saved, where that takes time. It is not announced as it moves. */
function renderCopied(share: number, { say, lang }: Voice): TemplateResult {
  return html`<p class="progress" part="progress">
    <progress aria-label=${say('recorder.finishing')} .value=${share}></progress>
    <span>${percent(share, lang)}</span>
  </p>`;
}

/** The last take that was kept. */
function renderSaved(recording: Recording, { say, lang }: Voice): TemplateResult {
  return html`<dl class="figures">
    <div class="name">
      <dt class="unseen">${say('recorder.name')}</dt>
      <dd part="name">${recording.name}</dd>
    </div>
    <div>
      <dt class="unseen">${say('recorder.time')}</dt>
      <dd part="time">${clockTime(recording.duration)}</dd>
    </div>
    <div>
      <dt class="unseen">${say('recorder.size')}</dt>
      <dd part="size">${fileSize(recording.size, lang)}</dd>
    </div>
  </dl>`;
}

const FORMAT = { webm: 'WebM', mp4: 'MP4' } as const;
const ENGINE = { webcodecs: 'WebCodecs', mediarecorder: 'MediaRecorder' } as const;

/** What is promised of a take, and what cannot be. Open where the recording does not outlive the window. */
export function renderPromise(promise: Guarantee, { say, lang }: Voice): TemplateResult {
  const { caveats, lossOnCrash, lossOnPowerCut } = promise;
  return html`<details part="guarantee" ?open=${promise.storage === 'memory'}>
    <summary>
      ${icon('info')}<span
        >${say('recorder.promise', { seconds: figure(lossOnCrash, lang) })}
        ${caveats.length > 0 ? html`<span class="count">· ${say('recorder.limits', { count: caveats.length })}</span>` : nothing}</span
      >
    </summary>
    <ul>
      ${caveats.map((caveat) => html`<li>${say(caveat)}</li>`)}
      <li>${say('recorder.power', { seconds: figure(lossOnPowerCut, lang) })}</li>
      <li>${say('recorder.written', { format: FORMAT[promise.format], engine: ENGINE[promise.engine] })}</li>
    </ul>
  </details>`;
}
