import { css } from 'lit';

/**
 * The page sets `--oa-*`; what it does not set is as here. The scheme is the page's own (`color-scheme`), so that an
 * element is never dark on a page that is only light. All text pairs are 4.5:1 or better, in both.
 */
export const tokens = css`
  :host {
    --_text: var(--oa-color-text, light-dark(#1b1f24, #e9ecef));
    --_muted: var(--oa-color-muted, light-dark(#57606a, #a9b1ba));
    --_surface: var(--oa-color-surface, light-dark(#ffffff, #15181b));
    --_raised: var(--oa-color-raised, light-dark(#f2f4f6, #20252a));
    --_line: var(--oa-color-line, light-dark(#d0d5db, #3b434b));
    --_accent: var(--oa-color-accent, light-dark(#0b5cc4, #74b3ff));
    --_on-accent: var(--oa-color-on-accent, light-dark(#ffffff, #0b1622));
    --_live: var(--oa-color-live, light-dark(#1a7037, #56c98d));
    --_record: var(--oa-color-record, light-dark(#c4122f, #ff6b70));
    --_warn: var(--oa-color-warn, light-dark(#855400, #f2b83d));
    --_bad: var(--oa-color-bad, light-dark(#b3261e, #ff8078));
    --_radius: var(--oa-radius, 12px);
    --_gap: var(--oa-gap, 12px);
    --_control: var(--oa-control-size, 44px);
    --_font: var(--oa-font, system-ui, sans-serif);
  }
`;

/** What only screen readers have: it takes no room, and is no less there. */
export const unseen = css`
  block-size: 1px;
  clip-path: inset(50%);
  inline-size: 1px;
  margin: 0;
  overflow: hidden;
  position: absolute;
  white-space: nowrap;
`;

/** What every element shares: box, buttons, focus, notices. */
export const base = css`
  :host {
    box-sizing: border-box;
    color: var(--_text);
    /* What it would have been, where a page sizes by content. */
    contain-intrinsic-inline-size: 20rem;
    container-type: inline-size;
    display: block;
    font-family: var(--_font);
    font-size: 1rem;
    font-variant-numeric: tabular-nums;
    line-height: 1.4;
    min-inline-size: 0;
  }

  :host([hidden]) {
    display: none;
  }

  *,
  ::before,
  ::after {
    box-sizing: inherit;
  }

  [hidden] {
    display: none !important;
  }

  .icon {
    block-size: 1.5em;
    fill: none;
    flex: none;
    inline-size: 1.5em;
    stroke: currentcolor;
    stroke-linecap: round;
    stroke-linejoin: round;
    stroke-width: 1.75;
  }

  .icon .solid {
    fill: currentcolor;
  }

  .button {
    align-items: center;
    background: var(--_raised);
    border: 1px solid var(--_line);
    border-radius: calc(var(--_control) / 2);
    color: var(--_text);
    cursor: pointer;
    display: inline-flex;
    font: inherit;
    font-weight: 550;
    gap: 0.5em;
    justify-content: center;
    line-height: 1.2;
    margin: 0;
    min-block-size: var(--_control);
    max-inline-size: 100%;
    min-inline-size: var(--_control);
    overflow-wrap: anywhere;
    padding: 0.375em 1.125em;
    position: relative;
    text-align: start;
    touch-action: manipulation;
    transition:
      background-color 120ms,
      border-color 120ms;
  }

  .button:hover:enabled {
    background: color-mix(in oklab, var(--_raised), var(--_text) 8%);
  }

  .button:active:enabled {
    background: color-mix(in oklab, var(--_raised), var(--_text) 14%);
  }

  .button.primary {
    background: var(--_accent);
    border-color: transparent;
    color: var(--_on-accent);
  }

  .button.primary:hover:enabled {
    background: color-mix(in oklab, var(--_accent), var(--_text) 14%);
  }

  .button:disabled {
    cursor: default;
    opacity: 0.55;
  }

  .button .icon {
    margin-inline-start: -0.25em;
  }

  /* A button without words: round, named by aria-label, and with a tooltip. */
  .button.bare {
    padding: 0;
  }

  .button.bare .icon {
    margin: 0;
  }

  :focus-visible {
    outline: 2px solid var(--_accent);
    outline-offset: 2px;
  }

  .tip {
    background: var(--_text);
    border-radius: 6px;
    color: var(--_surface);
    font-size: 0.8125em;
    font-weight: 450;
    inset-block-end: calc(100% + 8px);
    inset-inline-start: 50%;
    opacity: 0;
    padding: 0.25em 0.625em;
    pointer-events: none;
    position: absolute;
    translate: -50% 0;
    transition: opacity 120ms;
    visibility: hidden;
    white-space: nowrap;
    z-index: 1;
  }

  .tip:dir(rtl) {
    translate: 50% 0;
  }

  .button:hover > .tip,
  .button:focus-visible > .tip {
    opacity: 1;
    visibility: visible;
  }

  /* The sentence of a fault: amber for what is worked around, red for what has ended. */
  .notice {
    --_tone: var(--_warn);

    align-items: start;
    background: color-mix(in oklab, var(--_surface), var(--_tone) 9%);
    border: 1px solid color-mix(in oklab, var(--_surface), var(--_tone) 45%);
    border-radius: calc(var(--_radius) - 4px);
    color: var(--_text);
    display: flex;
    gap: 0.625em;
    margin: 0;
    overflow-wrap: anywhere;
    padding: 0.625em 0.75em;
    text-align: start;
  }

  .notice.fatal {
    --_tone: var(--_bad);
  }

  .notice > .icon {
    color: var(--_tone);
    margin-block: -0.05em;
  }

  /* Text at twice its size on a narrow place: the words come first. */
  @container (max-width: 14rem) {
    .button:not(.bare) {
      hyphens: auto;
      padding-inline: 0.5em;
    }

    .button:not(.bare) > .icon:has(+ .label) {
      display: none;
    }

    .notice {
      flex-direction: column;
      hyphens: auto;
      padding: 0.5em;
    }
  }

  .unseen {
    ${unseen}
  }

  @media (prefers-reduced-motion: reduce) {
    *,
    ::before,
    ::after {
      animation: none !important;
      transition: none !important;
    }
  }

  @media (prefers-contrast: more) {
    :host {
      --_line: currentcolor;
      --_muted: var(--_text);
    }
  }

  @media (forced-colors: active) {
    .button,
    .notice,
    .tip {
      border: 1px solid ButtonBorder;
    }

    .button.primary {
      background: Highlight;
      color: HighlightText;
      forced-color-adjust: none;
    }

    .button:disabled {
      color: GrayText;
      opacity: 1;
    }
  }
`;
