import { css } from 'lit';

export const styles = css`
  .frame {
    background: var(--_raised);
    border: 1px solid var(--_line);
    border-radius: var(--_radius);
    display: grid;
    isolation: isolate;
    overflow: clip;
  }

  /* One cell for picture, words and controls: it grows with the words, and never covers them. */
  .stage {
    display: grid;
    grid-template-rows: minmax(0, 1fr) auto;
    min-block-size: min(100cqi / var(--_ratio, calc(16 / 9)), 75svh);
  }

  .stage.on {
    --_text: #ffffff;
    --_surface: #16191c;
    --_raised: rgb(22 25 28 / 78%);
    --_line: rgb(255 255 255 / 28%);
    --_accent: #ffffff;

    background: #000000;
    color: #ffffff;
    position: relative;
  }

  video {
    block-size: 100%;
    grid-area: 1 / 1 / -1 / -1;
    inline-size: 100%;
    inset: 0;
    max-block-size: 75svh;
    min-block-size: 0;
    object-fit: contain;
  }

  /* On the ground of the button itself: the picture may be as bright as the ring. */
  .stage.on :focus-visible {
    outline-offset: -4px;
  }

  /* Out of the flow, or its own size would set the stage's. */
  .stage.on video {
    position: absolute;
  }

  video.mirrored {
    scale: -1 1;
  }

  .words {
    align-content: center;
    display: grid;
    gap: 0.75rem;
    grid-area: 1 / 1;
    justify-items: center;
    min-inline-size: 0;
    overflow-wrap: anywhere;
    padding: 1.25rem clamp(0.5rem, 5cqi, 1rem) 0.25rem;
    text-align: center;
  }

  .words p {
    color: var(--_muted);
    margin: 0;
    max-inline-size: 34ch;
    text-wrap: balance;
  }

  .words .notice {
    color: var(--_text);
    max-inline-size: 46ch;
    text-wrap: pretty;
  }

  .words > .icon,
  .words > slot > .icon {
    block-size: 2.5rem;
    color: var(--_muted);
    inline-size: 2.5rem;
    stroke-width: 1.25;
  }

  /* Below the word in the corner. */
  .stage.on .words {
    padding-block-start: 3rem;
  }

  .stage.on .words > * {
    color: #dfe3e7;
    position: relative;
  }

  .stage.requesting .words {
    animation: appear 160ms 300ms backwards;
  }

  @keyframes appear {
    from {
      opacity: 0;
    }
  }

  .controls {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
    grid-area: 2 / 1;
    justify-content: center;
    min-inline-size: 0;
    padding: 0.75rem;
    position: relative;
  }

  .stage:not(.on) .controls {
    padding-block-end: 1.25rem;
  }

  .status {
    align-items: center;
    align-self: start;
    background: var(--_raised);
    border: 1px solid var(--_line);
    border-radius: 1em;
    color: var(--_text);
    display: inline-flex;
    font-size: 0.8125rem;
    font-weight: 600;
    gap: 0.5em;
    grid-area: 1 / 1;
    justify-self: start;
    line-height: 1.1;
    margin: 0.625rem;
    max-inline-size: calc(100% - 1.25rem);
    overflow-wrap: anywhere;
    padding: 0.4375em 0.75em 0.4375em 0.625em;
    position: relative;
  }

  /* A shape for each state beside its word and colour: ring, dot, bars. */
  .mark {
    block-size: 0.625em;
    border: 2px solid currentcolor;
    border-radius: 50%;
    color: var(--_muted);
    flex: none;
    inline-size: 0.625em;
  }

  .mark.live {
    background: currentcolor;
    color: var(--_live);
  }

  .mark.paused {
    border-block: 0;
    border-inline-width: 0.2em;
    border-radius: 0;
    color: inherit;
  }

  .mark.ended {
    background: currentcolor;
    border-radius: 1px;
  }

  .mark.failed {
    border-radius: 0;
    color: var(--_bad);
    rotate: 45deg;
  }

  .stage.on .mark.live {
    color: #56c98d;
  }

  .label + .tip {
    display: none;
  }

  .below {
    margin: 0.75rem;
  }

  /* Without a preview: one row. */
  .bar {
    align-items: center;
    display: flex;
    flex-wrap: wrap;
    gap: 0.25rem 0.5rem;
    justify-content: space-between;
    padding: 0.5rem;
  }

  .bar .status {
    align-self: center;
    background: none;
    border-color: transparent;
    margin: 0;
    max-inline-size: 100%;
  }

  .bar .controls {
    justify-content: start;
    max-inline-size: 100%;
    padding: 0;
  }

  /* Kept free for what comes a moment later. */
  .bar slot[name='devices'] {
    display: block;
    min-inline-size: var(--_control);
  }

  .bar .notice {
    inline-size: 100%;
  }

  slot.children {
    display: block;
  }

  .children::slotted(*) {
    margin-block-start: var(--_gap);
  }

  /* Where words do not fit, a live picture keeps the marks alone; their names appear as tooltips. */
  @container (max-width: 21rem) {
    .on .button:not(.bare) {
      padding: 0;
    }

    .on .button:not(.bare) > .icon:has(+ .label) {
      display: block;
      margin: 0;
    }

    .on .label {
      block-size: 1px;
      clip-path: inset(50%);
      inline-size: 1px;
      overflow: hidden;
      position: absolute;
      white-space: nowrap;
    }

    .on .label + .tip {
      display: block;
    }
  }

  @media (forced-colors: active) {
    .mark {
      forced-color-adjust: none;
    }
  }
`;
