import { css } from 'lit';

/** What is another way where bars stand. */
export const uprightStyles = css`
  .vertical {
    gap: 0.375rem;
    grid-template-columns: auto minmax(0, 1fr);
    justify-content: start;
  }

  .vertical .scale {
    block-size: auto;
    grid-area: 1 / 1;
    inline-size: 2.25rem;
    margin: 0;
    padding-block: 1.75rem;
  }

  .vertical .ticks {
    block-size: var(--_length);
    display: block;
    position: relative;
  }

  .vertical .scale-unit {
    display: block;
    inset: 0.25rem 0.375rem auto auto;
  }

  .vertical .tick {
    inset: auto 0.625rem var(--_at) auto;
    translate: 0 50%;
  }

  .vertical .tick::before {
    block-size: 1px;
    inline-size: 0.25rem;
    inset: 50% -0.375rem auto auto;
  }

  .vertical .pointer {
    border: 0.3125rem solid transparent;
    border-inline: 0.4375rem 0;
    border-inline-start-color: var(--_text);
    inset: auto -0.125rem var(--_target) auto;
    translate: 0 50%;
  }

  .vertical .bars {
    gap: 0.375rem;
    grid-template-columns: repeat(auto-fit, minmax(3rem, auto));
    justify-content: start;
  }

  .vertical .bar-row {
    gap: 0.25rem;
    grid-template-columns: minmax(0, 1fr);
    justify-items: center;
  }

  .vertical .name {
    block-size: 1.5rem;
    order: 1;
  }

  .vertical .bar-row dd {
    gap: 0.25rem;
    grid-template-columns: minmax(0, 1fr);
    inline-size: 100%;
    justify-items: center;
  }

  .vertical .bar {
    --_way: to top;

    block-size: var(--_length);
    inline-size: calc(var(--_thickness) * 1.5);
  }

  .vertical .bar::before {
    inset: 0 0 var(--_hot);
  }

  .vertical .bar::after {
    inset: 0 0 var(--_over);
  }

  .vertical .cover {
    transform-origin: top;
  }

  .vertical .hold::before {
    block-size: 2px;
    inline-size: 100%;
    inset: 100% 0 auto;
  }

  .vertical .target {
    block-size: 2px;
    inline-size: 100%;
    inset: auto 0 calc(var(--_target) - 1px);
  }

  .vertical .bars .value {
    block-size: 1.5rem;
    font-size: 0.875rem;
    inline-size: 100%;
    justify-content: center;
    order: -1;
  }

  .vertical .bars .number {
    inline-size: auto;
  }

  /* Stands at the head of the scale; to the ear beside each value. */
  .vertical .bars .unit {
    block-size: 1px;
    clip-path: inset(50%);
    inline-size: 1px;
    overflow: hidden;
    position: absolute;
  }

  @media (forced-colors: active) {
    .vertical .pointer {
      border-block-end-color: transparent;
      border-inline-start-color: CanvasText;
    }
  }
`;
