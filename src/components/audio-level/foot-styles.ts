import { css } from 'lit';

/** What stands below the bars: values, buttons, flags. */
export const footStyles = css`
  .foot {
    align-items: center;
    display: flex;
    gap: 0.25rem 0.75rem;
    justify-content: space-between;
  }

  .figures {
    column-gap: 1.25rem;
    display: flex;
    flex-wrap: wrap;
    row-gap: 0.375rem;
  }

  .figure {
    align-items: baseline;
    column-gap: 0.375em;
    display: flex;
    flex-wrap: wrap;
    font-size: 0.9375rem;
  }

  .figure dt {
    color: var(--_muted);
  }

  .figure .value {
    font-weight: 600;
  }

  .number:only-child {
    text-align: start;
  }

  .note {
    white-space: normal;
  }

  .controls {
    display: flex;
    flex: none;
    margin-inline-end: -0.375rem;
  }

  .button.plain {
    border-color: transparent;
    color: var(--_muted);
  }

  .button.plain:not(:hover, :active) {
    background: none;
  }

  .button.plain:hover {
    color: var(--_text);
  }

  /* The tooltip of a button at the end of the line stays inside. */
  .controls .tip {
    inset-inline: auto 0;
    translate: none;
  }

  .flags {
    display: flex;
    flex-wrap: wrap;
    gap: 0.375rem 0.875rem;
  }

  .flag {
    --_tone: var(--_muted);

    align-items: center;
    display: inline-flex;
    font-size: 0.9375rem;
    font-weight: 600;
    gap: 0.375rem;
  }

  .flag .icon {
    block-size: 1.25em;
    color: var(--_tone);
    inline-size: 1.25em;
  }

  .flag.bad {
    --_tone: var(--_bad);
  }

  .held > div {
    display: grid;
    gap: 0.5rem;
    justify-items: start;
  }
`;
