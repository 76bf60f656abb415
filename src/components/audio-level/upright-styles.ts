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
    inline-size: 2.875rem;
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
    block-size: 0;
    flex-direction: row-reverse;
    inline-size: auto;
    inset: auto 0.25rem var(--_at) auto;
    margin: 0;
    position: absolute;
  }

  .vertical .tick::before {
    block-size: 1px;
    inline-size: 0.25rem;
    margin: 0 0 0 0.125rem;
  }

  .vertical .pointer {
    border: 0.3125rem solid transparent;
    border-inline: 0.4375rem 0;
    border-inline-start-color: var(--_text);
    inset: auto -0.125rem calc(var(--_target) - 0.3125rem) auto;
    margin: 0;
    position: absolute;
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
    --_from-hot: 100% calc(100% - var(--_hot));
    --_from-over: 100% calc(100% - var(--_over));

    block-size: var(--_length);
    inline-size: round(var(--_thickness) * 1.5, 2px);
  }

  .vertical .cover {
    grid-area: 1 / 2 / 2 / 3;
    inline-size: 100%;
    inset: 0;
  }

  .vertical .target {
    block-size: 4px;
    inline-size: 100%;
    inset: auto 0 calc(var(--_target) - 2px);
  }

  .vertical .bars .value {
    block-size: 1.5rem;
    font-size: 0.875rem;
    order: -1;
  }

  .vertical .bars .number {
    inline-size: 3.25em;
    text-align: center;
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
