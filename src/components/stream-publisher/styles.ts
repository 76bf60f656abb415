import { css } from 'lit';

export const styles = css`
  .frame {
    background: var(--_surface);
    border: 1px solid var(--_line);
    border-radius: var(--_radius);
    display: grid;
    gap: 0.75rem;
    grid-template-columns: minmax(0, 1fr);
    padding: 0.75rem;
  }

  .deck {
    align-items: center;
    display: grid;
    gap: 0.75rem 1.25rem;
    grid-template-columns: minmax(0, 1fr);
  }

  .button[aria-disabled] {
    cursor: default;
    opacity: 0.55;
  }

  .readout {
    display: grid;
    gap: 0.5rem;
    grid-template-columns: minmax(0, 1fr);
    min-inline-size: 0;
    overflow-wrap: anywhere;
  }

  p {
    margin: 0;
  }

  .status {
    align-items: baseline;
    column-gap: 0.5em;
    display: flex;
    flex-wrap: wrap;
    font-weight: 600;
  }

  .hint {
    color: var(--_muted);
    font-size: 0.9375rem;
    max-inline-size: 52ch;
    text-wrap: pretty;
  }

  /* A shape for each state beside its word and colour: ring, dot, triangle, square. */
  .mark {
    block-size: 0.625em;
    border: 2px solid var(--_muted);
    border-radius: 50%;
    flex: none;
    inline-size: 0.625em;
  }

  @container (min-width: 34rem) {
    .deck {
      grid-template-columns: auto minmax(0, 1fr);
    }
  }

  @media (forced-colors: active) {
    .frame {
      border-color: CanvasText;
    }

    .mark {
      forced-color-adjust: none;
    }
  }
`;
