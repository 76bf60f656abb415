import { html, nothing, type TemplateResult } from 'lit';
import type { Recording, RecordingState } from '../../core/record/index.js';
import { icon, type IconName } from '../shared/all-icons.js';
import type { Formats } from '../shared/format.js';
import type { Word } from './words.js';

/** What the library is about to do with one recording. */
export type Intent = 'play' | 'close' | 'download' | 'recover' | 'ask' | 'keep' | 'remove';

export interface RowView {
  recording: Recording;
  say: (word: Word, values?: Record<string, string>) => string;
  formats: Formats;
  /** It is being recovered by this library, or about to be. */
  recovering: boolean;
  /** How much of it is copied, 0 to 1, while that takes time. */
  copied: number | null;
  /** The person may ask for it to be recovered. */
  recoverable: boolean;
  /** The address of the media while they are played; null else. */
  source: string | null;
  /** Why it is not played. */
  unplayable: Word | null;
  /** The person is asked whether to delete it. */
  asking: boolean;
  /** It may be deleted at all. */
  removable: boolean;
  act: (intent: Intent, recording: Recording) => void;
  playbackFailed: () => void;
}

type Shown = RecordingState | 'recovering';

const MARKS: Record<Shown, IconName> = {
  saved: 'check',
  recovered: 'again',
  interrupted: 'warning',
  damaged: 'warning',
  recording: 'record',
  finishing: 'again',
  recovering: 'again',
};

/** One recording. Its buttons are told apart by name, so that they can be found by ear. */
export function row(view: RowView): TemplateResult {
  const { recording, source, asking } = view;
  const shown: Shown = view.recovering ? 'recovering' : recording.state;
  const opened = source !== null || view.unplayable !== null;
  return html`<li class="row ${shown} ${opened ? 'opened' : ''}" part="recording" tabindex="-1" data-id=${recording.id}>
    ${lead(view, shown, opened)}
    <div class="about">
      <p class="name" part="name">${recording.name}</p>
      ${details(view, shown)} ${story(view, shown)} ${progress(view)}
    </div>
    ${asking ? question(view) : actions(view, shown)} ${opened ? player(view) : nothing}
  </li>`;
}

const isPlayable = (shown: Shown): boolean => shown === 'saved' || shown === 'recovered';

function lead(view: RowView, shown: Shown, opened: boolean): TemplateResult {
  const { recording, say, act } = view;
  if (!isPlayable(shown)) return html`<span class="lead" aria-hidden="true">${icon(MARKS[shown])}</span>`;
  const name = say(opened ? 'library.close' : 'library.play', { name: recording.name });
  return html`<button
    type="button"
    class="button bare lead"
    part="button play-button"
    aria-label=${name}
    aria-expanded=${opened ? 'true' : 'false'}
    @click=${() => act(opened ? 'close' : 'play', recording)}
  >
    ${icon(opened ? 'close' : 'play')}
  </button>`;
}

/** The mark of a take that cannot be played stands where the others have their button. */
function details({ recording, formats, say }: RowView, shown: Shown): TemplateResult {
  const { createdAt, duration, size } = recording;
  return html`<p class="details" part="details">
    <span class="state" part="state"
      >${isPlayable(shown) ? icon(MARKS[shown]) : nothing}${say(`library.${shown}`)}</span
    >
    <time datetime=${createdAt.toISOString()}>${formats.date(createdAt)}</time>
    ${duration > 0 ? html`<span>${formats.duration(duration)}</span>` : nothing}
    ${shown === 'recording' ? nothing : html`<span>${formats.size(size)}</span>`}
  </p>`;
}

/** A take that ended as it should needs no words; what happened to another is said. */
function story({ recording, say }: RowView, shown: Shown): TemplateResult | typeof nothing {
  if (recording.reason === 'disk-full' && isPlayable(shown)) return html`<p class="story">${say('library.full')}</p>`;
  return shown === 'saved' ? nothing : html`<p class="story">${say(`library.about.${shown}`)}</p>`;
}

/** In figures and for the ear; it is not announced as it moves. */
function progress({ recording, copied, formats, say }: RowView): TemplateResult | typeof nothing {
  if (copied === null) return nothing;
  const name = say('library.recovering.name', { name: recording.name });
  return html`<p class="progress" part="progress">
    <progress aria-label=${name} .value=${copied}></progress>
    <span>${formats.share(copied)}</span>
  </p>`;
}

function actions({ recording, say, act, removable, recoverable }: RowView, shown: Shown): TemplateResult {
  const values = { name: recording.name };
  const button = (intent: Intent, sign: IconName, word: Word) =>
    html`<button
      type="button"
      class="button bare plain"
      part="button ${intent === 'ask' ? 'remove' : intent}-button"
      aria-label=${say(word, values)}
      title=${say(word, values)}
      data-intent=${intent}
      @click=${() => act(intent, recording)}
    >
      ${icon(sign)}
    </button>`;
  const busy = shown === 'recording' || shown === 'finishing' || shown === 'recovering';
  return html`<div class="actions" part="actions">
    ${
      shown === 'interrupted' && recoverable
        ? html`<button
            type="button"
            class="button"
            part="button recover-button"
            aria-label=${say('library.recover.name', values)}
            @click=${() => act('recover', recording)}
          >
            ${icon('again')}${say('library.recover')}
          </button>`
        : nothing
    }
    ${busy ? nothing : button('download', 'download', 'library.download')}
    ${busy || !removable ? nothing : button('ask', 'trash', 'library.remove')}
  </div>`;
}

function question({ recording, say, act }: RowView): TemplateResult {
  const sentence = say('library.confirm', { name: recording.name });
  const escape = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return;
    // It answers this question only: a dialog around the element would close, too.
    event.preventDefault();
    event.stopPropagation();
    act('keep', recording);
  };
  return html`<div class="question" part="question" role="group" aria-label=${sentence} @keydown=${escape}>
    <p>${sentence}</p>
    <button type="button" class="button keep" part="button keep-button" @click=${() => act('keep', recording)}>
      ${say('library.confirm.no')}
    </button>
    <button type="button" class="button danger" part="button confirm-button" @click=${() => act('remove', recording)}>
      ${icon('trash')}${say('library.confirm.yes')}
    </button>
  </div>`;
}

function player({ recording, source, say, unplayable, playbackFailed }: RowView): TemplateResult {
  if (unplayable) return html`<p class="notice" part="error">${icon('warning')}<span>${say(unplayable)}</span></p>`;
  // A take without pictures needs the controls only.
  const fit = ({ target }: Event) => {
    const video = target as HTMLVideoElement;
    video.classList.toggle('sound', video.videoWidth === 0);
  };
  return html`<video
    part="player"
    class=${recording.mimeType.startsWith('audio/') ? 'sound' : ''}
    controls
    autoplay
    playsinline
    aria-label=${recording.name}
    .src=${source ?? ''}
    @loadedmetadata=${fit}
    @error=${playbackFailed}
  ></video>`;
}
