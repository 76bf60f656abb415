import { css } from 'lit';
import { footStyles } from './foot-styles.js';
import { uprightStyles } from './upright-styles.js';

/** A bar is a gradient of its whole length under a cover, so that a level costs a transform and no painting. */
const barStyles = css`
  :host {
    --_ok: var(--oa-level-color, var(--_live));
    --_high: var(--oa-level-high, var(--_warn));
    --_too-high: var(--oa-level-over, var(--_bad));
    --_track: var(--oa-level-track, color-mix(in oklab, var(--_surface), var(--_text) 13%));
    --_thickness: var(--oa-level-thickness, 0.875rem);
    --_length: var(--oa-level-length, 12rem);
  }

  dl,
  dd,
  p {
    margin: 0;
  }

  /* Numbers grow from left to right everywhere. */
  .meter {
    /* What a value takes beside its bar: six figures and a unit. */
    --_value: 7rem;
    --_name: 2.25rem;

    direction: ltr;
    display: grid;
    gap: 0.25rem;
    grid-template-columns: minmax(0, 1fr);
  }

  .bars {
    display: grid;
    gap: 0.25rem;
  }

  .bar-row {
    align-items: center;
    display: grid;
    gap: 0.5rem;
    grid-template-columns: var(--_name) minmax(0, 1fr);
  }

  .bar-row dd {
    align-items: center;
    display: grid;
    gap: 0.5rem;
    grid-template-columns: minmax(0, 1fr) var(--_value);
  }

  .name {
    color: var(--_muted);
    font-size: 0.875rem;
    font-weight: 600;
  }

  .bar {
    --_way: to right;

    background:
      linear-gradient(var(--_way), transparent var(--_over), var(--_too-high) var(--_over)),
      linear-gradient(var(--_way), var(--_ok) var(--_hot), var(--_high) var(--_hot));
    block-size: var(--_thickness);
    border-radius: 3px;
    contain: strict;
    display: block;
    position: relative;
  }

  /* What is high is hatched too, so that it is told without its colour. */
  .bar::before,
  .bar::after {
    background: repeating-linear-gradient(
      135deg,
      transparent 0 4px,
      color-mix(in oklab, var(--_surface), transparent 25%) 4px 5.5px
    );
    content: '';
    inset: 0 0 0 var(--_hot);
    position: absolute;
  }

  .bar::after {
    background: repeating-linear-gradient(
      45deg,
      transparent 0 3px,
      color-mix(in oklab, var(--_surface), transparent 25%) 3px 4.5px
    );
    inset: 0 0 0 var(--_over);
  }

  .cover,
  .hold {
    inset: 0;
    position: absolute;
    z-index: 1;
  }

  .cover {
    background: var(--_track);
    transform-origin: right;
  }

  .hold::before,
  .target {
    background: var(--_text);
    block-size: 100%;
    content: '';
    inline-size: 2px;
    inset: 0 100% 0 auto;
    position: absolute;
  }

  .hold {
    transform: translateX(0);
    z-index: 2;
  }

  .target {
    inset: 0 auto 0 calc(var(--_target) - 1px);
    opacity: 0.75;
    z-index: 2;
  }

  .value {
    align-items: baseline;
    display: inline-flex;
    gap: 0.25em;
    white-space: nowrap;
  }

  /* A number that changes moves nothing else, and costs no layout beyond its own. */
  .bars .value {
    block-size: 1.4em;
    contain: strict;
    display: flex;
    font-weight: 600;
  }

  .bars .number {
    flex: none;
    inline-size: 3.75em;
    text-align: end;
  }

  .unit,
  .note {
    color: var(--_muted);
    font-size: 0.8125em;
    font-weight: 400;
  }

  .scale {
    block-size: 1.625rem;
    font-size: 0.75rem;
    margin-inline: calc(var(--_name) + 0.5rem) calc(var(--_value) + 0.5rem);
    position: relative;
  }

  .scale-unit {
    color: var(--_muted);
    display: none;
    position: absolute;
  }

  .tick {
    color: var(--_muted);
    inset-block-start: 0.5rem;
    inset-inline-start: var(--_at);
    line-height: 1.25;
    position: absolute;
    translate: -50% 0;
  }

  .tick::before {
    background: var(--_line);
    block-size: 0.25rem;
    content: '';
    inline-size: 1px;
    inset: -0.4375rem auto auto 50%;
    position: absolute;
  }

  .aim {
    color: var(--_text);
    font-weight: 700;
  }

  /* The mark of the target: a triangle that points at its line. */
  .pointer {
    border: 0.3125rem solid transparent;
    border-block: 0 0.375rem;
    border-block-end-color: var(--_text);
    inset: -0.125rem auto auto var(--_target);
    position: absolute;
    translate: -50% 0;
  }

  @container (max-width: 38rem) {
    .meter:not(.vertical) .rank-2 {
      display: none;
    }
  }

  @container (max-width: 20rem) {
    .meter {
      --_value: 5.25rem;
      --_name: 1.5rem;
    }

    .bars .value {
      font-size: 0.8125rem;
    }

    .meter:not(.vertical) .rank-1 {
      display: none;
    }

    .foot {
      align-items: stretch;
      flex-direction: column;
    }
  }

  /* Text at twice its size on a narrow place: values go below their bars. */
  @container (max-width: 13rem) {
    .scale {
      margin-inline-end: 0;
    }

    .bar-row dd {
      gap: 0;
      grid-template-columns: minmax(0, 1fr);
    }
  }

  @media (forced-colors: active) {
    .bar {
      background: Highlight;
      border: 1px solid CanvasText;
      forced-color-adjust: none;
    }

    .bar::before {
      background: repeating-linear-gradient(135deg, transparent 0 4px, Canvas 4px 6px);
    }

    .bar::after {
      background: repeating-linear-gradient(45deg, transparent 0 3px, Canvas 3px 5px);
    }

    .cover {
      background: Canvas;
    }

    .hold::before,
    .target {
      background: CanvasText;
      opacity: 1;
    }

    .tick::before {
      background: CanvasText;
    }

    .pointer {
      border-block-end-color: CanvasText;
      forced-color-adjust: none;
    }
  }
`;

export const deskStyles = [footStyles, barStyles, uprightStyles];
