import { html, nothing, type TemplateResult } from 'lit';
import type { PublisherPhase, PublisherStats } from '../../core/live/index.js';
import { message, type MessageValues } from '../../core/messages.js';
import { formatsFor } from '../shared/format.js';
import { broadcastWords, type BroadcastWord } from './broadcast-words.js';
export { broadcastStyles } from './broadcast-styles.js';
import { figuresFor } from './figures.js';

/** What speaks of a broadcast, in one language. */
export interface Voice {
  readonly lang: string;
  readonly say: (word: BroadcastWord, values?: MessageValues) => string;
}

export const voice = (lang: string): Voice => ({
  lang,
  say: (word, values) => message(word, lang, values, broadcastWords),
});

/** What is said of a change of state; empty where a fault is told instead. */
export function tell(state: PublisherPhase, previous: PublisherPhase, { say }: Voice): string {
  if (state === 'failed') return '';
  return say(state === 'live' && previous === 'recovering' ? 'publisher.told.back' : `publisher.told.${state}`);
}

/** Which attempt is being made, from the second on. */
export const renderAttempt = (attempt: number, { say }: Voice): unknown =>
  attempt > 1
    ? html`<span class="attempt" part="attempt">${say('publisher.attempt', { count: attempt })}</span>`
    : nothing;

/** How it gets through, and how it went so far. */
export function renderFigures(stats: PublisherStats, { say, lang }: Voice): TemplateResult {
  const figures = figuresFor(lang);
  const { duration } = formatsFor(lang);
  const { bitrate, width, height, frameRate, lost, roundTrip, uptime, recoveries, recoveryTime } = stats;
  const figure = (word: BroadcastWord, part: string, value: string | null) =>
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
