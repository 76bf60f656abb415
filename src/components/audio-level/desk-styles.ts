import { css } from 'lit';
import { footStyles } from './foot-styles.js';
import { uprightStyles } from './upright-styles.js';

/** A bar is a gradient of its whole length under what covers it, so that a level paints a few pixels of one colour. */
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
    --_ground: var(--_surface);

    direction: ltr;
    display: grid;
    gap: 0.25rem;
    grid-template-columns: minmax(0, 1fr);
    isolation: isolate;
    position: relative;
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
    --_from-hot: calc(100% - var(--_hot)) 100%;
    --_from-over: calc(100% - var(--_over)) 100%;

    /* What is high is hatched too, so that it is told without its colour. Mixed in another
       space, Firefox draws one line in ten. */
    background:
      repeating-linear-gradient(45deg in srgb, transparent 0 3px, var(--_ground) 3px 4.5px) 100% 0 / var(--_from-over)
        no-repeat,
      repeating-linear-gradient(135deg in srgb, transparent 0 4px, var(--_ground) 4px 5.5px) 100% 0 / var(--_from-hot)
        no-repeat,
      linear-gradient(var(--_way), transparent var(--_over), var(--_too-high) var(--_over)),
      linear-gradient(var(--_way), var(--_ok) var(--_hot), var(--_high) var(--_hot));
    block-size: var(--_thickness);
    border-radius: 3px;
    display: block;
    position: relative;
  }

  /* Over all bars. The colours are those that are painted: where nothing is, a mark, and its rims. */
  .cover {
    block-size: 100%;
    border: 0 solid var(--_ground);
    border-block-color: var(--_text);
    color: var(--_track);
    grid-area: 1 / 1 / 2 / 2;
    /* Where its pixels are not those of the screen, as in what a page scales, none is mixed with what lies beside it. */
    image-rendering: pixelated;
    inline-size: calc(100% - var(--_name) - var(--_value) - 1rem);
    inset: 0 auto auto calc(var(--_name) + 0.5rem);
    pointer-events: none;
    position: absolute;
    /* For those who want no motion, too: it tells that a colour is another. */
    transition:
      color 1ms,
      border-color 1ms !important;
  }

  /* Two pixels between two of the ground, as all marks: by those one is told from a bar that has passed it. */
  .target {
    background: linear-gradient(var(--_way), var(--_ground) 1px, var(--_text) 1px 3px, var(--_ground) 3px);
    inline-size: 4px;
    inset: 0 auto 0 calc(var(--_target) - 2px);
    position: absolute;
    z-index: 1;
  }

  /* Each clip would be a piece of its own whenever anything is painted; what has no opacity is not painted at all. */
  dt .unseen {
    clip-path: none;
    opacity: 0;
  }

  .value {
    white-space: nowrap;
  }

  /* A number that changes moves nothing else, and costs no layout beyond its own (which no item of a grid can have). */
  .number {
    block-size: 1.4em;
    contain: size layout style;
    display: inline-block;
    inline-size: 3.25em;
    text-align: end;
    vertical-align: top;
  }

  /* In whole pixels, of which bars then take whole ones: what covers them covers each that they take a part of. */
  .bars :is(.value, .number) {
    block-size: round(1.4em, 2px);
  }

  .bars .value {
    font-weight: 600;
  }

  .bars .number {
    inline-size: 3.75em;
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

  /* What stands still is kept as it was painted; that takes one layer in another. */
  .scale,
  .ticks,
  .foot,
  .controls {
    contain: layout;
  }

  .scale-unit {
    color: var(--_muted);
    display: none;
    position: absolute;
  }

  .ticks {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
  }

  /* Of no width, so that its figure stands in the middle of where it is. */
  .tick {
    align-items: center;
    color: var(--_muted);
    display: flex;
    flex-direction: column;
    grid-area: 1 / 1;
    inline-size: 0;
    line-height: 1.25;
    margin-inline-start: var(--_at);
    white-space: nowrap;
  }

  .tick::before {
    background: var(--_line);
    block-size: 0.25rem;
    content: '';
    inline-size: 1px;
    margin-block: 0.0625rem 0.1875rem;
  }

  .aim {
    color: var(--_text);
    font-weight: 700;
  }

  /* The mark of the target: a triangle that points at its line. */
  .pointer {
    align-self: start;
    border: 0.3125rem solid transparent;
    border-block: 0 0.375rem;
    border-block-end-color: var(--_text);
    grid-area: 1 / 1;
    inline-size: 0;
    margin: -0.125rem 0 0 calc(var(--_target) - 0.3125rem);
  }

  @container (max-width: 38rem) {
    .meter:not(.vertical) .rank-2 {
      display: none;
    }
  }

  @container (max-width: 20rem) {
    .meter {
      --_value: 5.25rem;
      --_name: 1.875rem;
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

    .cover {
      inline-size: calc(100% - var(--_name) - 0.5rem);
    }
  }

  @media (forced-colors: active) {
    .bar,
    .cover {
      --_ground: Canvas;
      --_high: Highlight;
      --_ok: Highlight;
      --_text: CanvasText;
      --_too-high: Highlight;
      --_track: Canvas;

      forced-color-adjust: none;
    }

    .bar {
      border: 1px solid CanvasText;
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
