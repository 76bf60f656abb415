import { css } from 'lit';

export const styles = css`
  .library {
    background: var(--_surface);
    border: 1px solid var(--_line);
    border-radius: var(--_radius);
    display: grid;
    overflow: clip;
  }

  .library > .notice {
    margin: 0.75em;
  }

  p {
    margin: 0;
  }

  .list {
    list-style: none;
    margin: 0;
    padding: 0;
  }

  /* Rows that are out of sight are neither laid out nor painted: five hundred cost what a screenful does. */
  .row {
    align-items: center;
    column-gap: 0.875em;
    contain-intrinsic-block-size: auto 4.75rem;
    content-visibility: auto;
    display: grid;
    grid-template-columns: auto minmax(0, 1fr) auto;
    padding: 0.75em;
    row-gap: 0.625em;
  }

  .row + .row,
  .storage {
    border-block-start: 1px solid var(--_line);
  }

  .row.opened,
  .row:focus-within {
    contain-intrinsic-block-size: auto;
    content-visibility: visible;
  }

  .row:focus-visible {
    outline-offset: -2px;
  }

  .lead {
    align-items: center;
    block-size: max(var(--_control), 2.25em);
    border-radius: 50%;
    display: inline-flex;
    inline-size: max(var(--_control), 2.25em);
    justify-content: center;
  }

  span.lead {
    --_tone: var(--_muted);

    background: color-mix(in oklab, var(--_surface), var(--_tone) 12%);
    color: var(--_tone);
  }

  .state {
    --_tone: var(--_muted);

    align-items: center;
    color: var(--_tone);
    display: inline-flex;
    font-weight: 600;
    gap: 0.25em;
  }

  .state .icon {
    block-size: 1.125em;
    inline-size: 1.125em;
    stroke-width: 2.25;
  }

  .recording :is(.state, span.lead) {
    --_tone: var(--_record);
  }

  .interrupted :is(.state, span.lead) {
    --_tone: var(--_warn);
  }

  .damaged :is(.state, span.lead) {
    --_tone: var(--_bad);
  }

  .recovered .state {
    --_tone: var(--_text);
  }

  :is(.finishing, .recovering) .state {
    --_tone: var(--_text);
  }

  .about {
    display: grid;
    gap: 0.125em;
    min-inline-size: 0;
  }

  .name {
    font-weight: 600;
    overflow-wrap: anywhere;
    unicode-bidi: plaintext;
  }

  .details,
  .story,
  .storage {
    color: var(--_muted);
    font-size: 0.875em;
  }

  /* A separator that comes to stand at the start of a line lies outside, and is clipped. */
  .details,
  .figures {
    column-gap: 1.125em;
    display: flex;
    flex-wrap: wrap;
    overflow-x: clip;
  }

  .details > *,
  .figures > * {
    position: relative;
  }

  .details > * + *::before,
  .figures > * + *::before {
    content: '·';
    inset-inline-start: -0.7em;
    position: absolute;
  }

  .figures > :first-child::first-letter {
    text-transform: uppercase;
  }

  .progress {
    align-items: center;
    color: var(--_muted);
    display: flex;
    font-size: 0.875em;
    gap: 0.625em;
  }

  progress {
    accent-color: var(--_accent);
    flex: 0 1 14em;
    min-inline-size: 0;
  }

  .actions {
    align-items: center;
    display: flex;
    flex-wrap: wrap;
    gap: 0.25em;
  }

  .row .button {
    font-size: 0.9375em;
    white-space: nowrap;
  }

  .button.plain:not(:hover, :active) {
    background: none;
  }

  .button.plain {
    border-color: transparent;
    color: var(--_muted);
  }

  .button.plain:hover {
    color: var(--_text);
  }

  .question,
  .row > video,
  .row > .notice {
    grid-column: 1 / -1;
  }

  .question {
    align-items: center;
    display: flex;
    flex-wrap: wrap;
    gap: 0.5em;
    justify-content: end;
  }

  .question p {
    flex: 1 1 14em;
    overflow-wrap: anywhere;
  }

  .button.danger {
    background: var(--_bad);
    border-color: transparent;
    color: light-dark(#ffffff, #1b0b0a);
  }

  .button.danger:hover:enabled {
    background: color-mix(in oklab, var(--_bad), var(--_text) 14%);
  }

  video {
    background: #000000;
    block-size: auto;
    border-radius: calc(var(--_radius) - 4px);
    display: block;
    inline-size: 100%;
    max-block-size: 70vh;
  }

  video.sound {
    background: none;
    block-size: 3.5rem;
  }

  .empty {
    color: var(--_muted);
    display: grid;
    gap: 0.5em;
    justify-items: center;
    outline-offset: -4px;
    padding: 2.25em 1.25em;
    text-align: center;
    text-wrap: balance;
  }

  .loading {
    color: var(--_muted);
    padding: 0.875em;
  }

  .empty .icon {
    block-size: 2.25em;
    inline-size: 2.25em;
  }

  .empty p {
    max-inline-size: 34em;
  }

  .storage {
    display: grid;
    gap: 0.5em;
    padding: 0.625em 0.875em;
  }

  @container (inline-size < 27rem) {
    .row {
      align-items: start;
      column-gap: 0.75em;
      grid-template-columns: auto minmax(0, 1fr);
      row-gap: 0.25em;
    }

    .actions {
      grid-column: 2;
    }

    /* The sign of a bare button stands under the text, not its border. */
    .actions > .bare:first-child {
      margin-inline-start: -0.625em;
    }
  }

  @media (forced-colors: active) {
    .library,
    span.lead {
      border: 1px solid CanvasText;
    }

    .button.danger {
      background: Mark;
      color: MarkText;
      forced-color-adjust: none;
    }
  }
`;
