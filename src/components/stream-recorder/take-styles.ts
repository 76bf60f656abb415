import { css } from 'lit';

/** For what is shown from the first take on; added to `styles.ts` with it. */
export const takeStyles = css`
  .status {
    align-items: center;
    display: inline-flex;
    font-size: 0.875rem;
    font-weight: 600;
    gap: 0.5em;
    line-height: 1.4;
  }

  /* A shape for each state beside its word and colour: dot, bars, ring, tick, diamond. */
  .mark {
    block-size: 0.625rem;
    border: 2px solid currentcolor;
    border-radius: 50%;
    color: var(--_muted);
    flex: none;
    inline-size: 0.625rem;
  }

  .mark.recording {
    background: currentcolor;
    color: var(--_record);
  }

  .mark.paused {
    border-block: 0;
    border-inline-width: 3px;
    border-radius: 0;
    color: inherit;
  }

  .mark.saved {
    block-size: 0.875em;
    border-block-start: 0;
    border-inline-start: 0;
    border-radius: 0;
    color: inherit;
    inline-size: 0.5em;
    margin-inline: 0.125em 0.25em;
    rotate: 45deg;
    translate: 0 -0.125em;
  }

  .mark.failed {
    border-radius: 0;
    color: var(--_bad);
    rotate: 45deg;
  }

  .figures {
    align-items: baseline;
    color: var(--_muted);
    display: flex;
    flex-wrap: wrap;
    font-size: 0.875rem;
    gap: 0 0.875rem;
    margin: 0;
  }

  .figures > div {
    min-inline-size: 0;
    position: relative;
  }

  .figures dd {
    margin: 0;
  }

  .figures .name {
    color: var(--_text);
    font-size: 1rem;
    font-weight: 550;
    inline-size: 100%;
  }

  .figures .time {
    color: var(--_text);
    font-size: 1.75rem;
    font-weight: 600;
    inline-size: 100%;
    letter-spacing: -0.01em;
    line-height: 1.2;
  }

  .figures .of {
    color: var(--_muted);
    font-size: 1rem;
    font-weight: 400;
    letter-spacing: 0;
  }

  .figures .short {
    color: var(--_warn);
    font-weight: 550;
  }

  .figures .short .icon {
    block-size: 1.25em;
    inline-size: 1.25em;
    margin-inline-end: 0.25em;
    vertical-align: -0.25em;
  }

  .progress {
    align-items: center;
    color: var(--_muted);
    display: flex;
    font-size: 0.875rem;
    gap: 0.625em;
    margin: 0;
  }

  progress {
    accent-color: var(--_accent);
    flex: 0 1 14em;
    min-inline-size: 0;
  }

  .confirm {
    background: var(--_raised);
    border-radius: calc(var(--_radius) - 4px);
    display: flex;
    flex-wrap: wrap;
    gap: 0.625rem 1rem;
    justify-content: space-between;
    padding: 0.625rem 0.75rem;
  }

  .confirm p {
    align-self: center;
    margin: 0;
    min-inline-size: 0;
    overflow-wrap: anywhere;
  }

  .confirm > div {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
  }

  .confirm .button {
    background: var(--_surface);
  }

  .confirm .sure {
    border-color: currentcolor;
    color: var(--_bad);
  }

  details {
    color: var(--_muted);
    font-size: 0.875rem;
    overflow-wrap: anywhere;
  }

  summary {
    align-items: start;
    border-radius: 6px;
    cursor: pointer;
    display: flex;
    gap: 0.5em;
    list-style: none;
    padding-block: 0.25rem;
  }

  summary::-webkit-details-marker {
    display: none;
  }

  summary .icon {
    block-size: 1.4em;
    inline-size: 1.4em;
  }

  summary:hover {
    color: var(--_text);
  }

  summary::after {
    block-size: 0.4375em;
    border-block-end: 1.75px solid;
    border-inline-end: 1.75px solid;
    content: '';
    flex: none;
    inline-size: 0.4375em;
    margin-block-start: 0.375em;
    rotate: 45deg;
  }

  details[open] > summary::after {
    margin-block-start: 0.625em;
    rotate: 225deg;
  }

  .count {
    white-space: nowrap;
  }

  details ul {
    display: grid;
    gap: 0.375rem;
    margin: 0.25rem 0;
    max-inline-size: 62ch;
    padding-inline-start: 3em;
  }

  @media (forced-colors: active) {
    .mark {
      forced-color-adjust: none;
    }
  }
`;
