import { css } from 'lit';

export const styles = css`
  .frame {
    --_big: calc(var(--_control) * 1.36);

    background: var(--_surface);
    border: 1px solid var(--_line);
    border-radius: var(--_radius);
    display: grid;
    gap: 0.75rem;
    grid-template-columns: minmax(0, 1fr);
    padding: 0.75rem;
  }

  .frame.recording {
    border-color: var(--_record);
  }

  .deck {
    align-items: center;
    display: grid;
    gap: 0.75rem;
    grid-template-columns: minmax(0, 1fr);
  }

  .controls {
    align-items: center;
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
    min-inline-size: 0;
  }

  /* A ring with a disc to record and a square to stop: the shape tells as much as the colour. */
  .record {
    align-items: center;
    background: none;
    border: 0;
    border-radius: calc(var(--_big) / 2);
    color: var(--_text);
    cursor: pointer;
    display: inline-flex;
    font: inherit;
    font-weight: 600;
    gap: 0.75rem;
    line-height: 1.2;
    margin: 0;
    margin-inline-end: auto;
    max-inline-size: 100%;
    min-block-size: var(--_big);
    min-inline-size: var(--_big);
    padding: 0;
    padding-inline-end: 1rem;
    text-align: start;
    touch-action: manipulation;
  }

  .ring {
    align-items: center;
    background: var(--_surface);
    block-size: var(--_big);
    border: 2px solid var(--_line);
    border-radius: 50%;
    color: var(--_record);
    display: flex;
    flex: none;
    inline-size: var(--_big);
    justify-content: center;
    transition:
      background-color 120ms,
      border-color 120ms;
  }

  /* The 13 px of the disc, or 11 of the square, out of the 24 of the icon's grid. */
  .ring .icon {
    block-size: calc(var(--_big) * 1.15);
    inline-size: calc(var(--_big) * 1.15);
    stroke-width: 0;
    transition: scale 120ms;
  }

  .record.on .ring {
    border-color: var(--_record);
  }

  .record:hover:enabled .ring {
    background: color-mix(in oklab, var(--_surface), var(--_record) 9%);
    border-color: var(--_record);
  }

  .record:active:enabled .ring .icon {
    scale: 0.92;
  }

  .record:disabled,
  .record[aria-disabled='true'] {
    color: var(--_muted);
    cursor: default;
  }

  .record:disabled .ring,
  .record[aria-disabled='true'] .ring {
    background: none;
    border-color: var(--_line);
    color: color-mix(in oklab, var(--_surface), var(--_muted) 65%);
  }

  .record:disabled .ring .icon,
  .record[aria-disabled='true'] .ring .icon {
    scale: 1;
  }

  .record:focus-visible {
    outline: none;
  }

  .record:focus-visible .ring {
    outline: 2px solid var(--_accent);
    outline-offset: 2px;
  }

  .readout {
    align-items: baseline;
    display: grid;
    gap: 0.125rem 1rem;
    grid-template-columns: minmax(0, 1fr);
    min-inline-size: 0;
    overflow-wrap: anywhere;
  }

  .hint {
    color: var(--_muted);
    font-size: 0.9375rem;
    margin: 0;
    max-inline-size: 52ch;
    text-wrap: pretty;
  }

  /* Room for two columns: buttons, and beside them what is told. */
  @container (min-width: 30rem) {
    .deck {
      gap: 1rem 1.25rem;
      grid-template-columns: auto minmax(0, 1fr);
    }

    .record {
      margin-inline-end: 0;
    }
  }

  /* Three buttons in one row at 240 px. */
  @container (max-width: 18rem) {
    .frame {
      --_big: calc(var(--_control) * 1.18);

      padding-inline: 0.5rem;
    }

    .controls {
      gap: 0.25rem;
    }

    .record {
      gap: 0.375rem;
      padding-inline-end: 0;
    }
  }

  @media (forced-colors: active) {
    .ring {
      background: Canvas;
      border-color: ButtonBorder;
      forced-color-adjust: none;
    }

    .frame.recording {
      border-color: Highlight;
    }
  }
`;
