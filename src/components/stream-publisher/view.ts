import { html, nothing, svg, type TemplateResult } from 'lit';
import type { PublisherPhase, PublisherState, PublisherStats } from '../../core/live/index.js';
import type { MessageValues } from '../../core/messages.js';
import { formatsFor } from '../shared/format.js';
import { draw, icon } from '../shared/icons.js';
import { figuresFor } from './figures.js';
import type { Word } from './words.js';

/** What is shown. */
export interface View {
  readonly publisher: PublisherState;
  /** Why it cannot be started. */
  readonly obstacle: Word | null;
  readonly say: (word: Word, values?: MessageValues) => string;
  readonly lang: string;
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

/** The state in a word, and what is told of it. */
export function renderReadout(view: View): TemplateResult {
  const { publisher, say } = view;
  const { state, attempt, stats } = publisher;
  return html`
    <p class="status ${state}" part="status">
      <i class="mark"></i><span>${say(`publisher.${state}`)}</span>${
        attempt > 1
          ? html`<span class="attempt" part="attempt">${say('publisher.attempt', { count: attempt })}</span>`
          : nothing
      }
    </p>
    ${stats && isOn(state) ? renderFigures(stats, view) : nothing}
  `;
}

function renderFigures(stats: PublisherStats, { say, lang }: View): TemplateResult {
  const figures = figuresFor(lang);
  const { duration } = formatsFor(lang);
  const { bitrate, width, height, frameRate, lost, roundTrip, uptime, recoveries, recoveryTime } = stats;
  const figure = (word: Word, part: string, value: string | null) =>
    html`<div>
      <dt>${say(word)}</dt>
      <dd part=${part}>${value ?? html`<span class="unknown">${say('publisher.unknown')}</span>`}</dd>
    </div>`;
  const picture =
    width && height
      ? say('publisher.picture.of', { width, height, rate: frameRate === null ? '–' : Math.round(frameRate) })
      : null;
  return html`<dl class="figures" part="figures">
    ${figure('publisher.time', 'time', duration(Math.floor(uptime)))}
    ${figure('publisher.bitrate', 'bitrate', bitrate === null ? null : figures.bitrate(bitrate))}
    ${figure('publisher.picture', 'picture', picture)}
    ${figure('publisher.lost', 'lost', lost === null ? null : figures.share(lost))}
    ${figure('publisher.trip', 'trip', roundTrip === null ? null : figures.milliseconds(roundTrip))}
    ${
      recoveries > 0
        ? figure(
            'publisher.recoveries',
            'recoveries',
            say('publisher.recoveries.of', { count: recoveries, time: duration(recoveryTime ?? 0) }),
          )
        : nothing
    }
  </dl>`;
}
