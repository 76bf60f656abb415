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

  .frame.live {
    border-color: var(--_live);
  }

  .frame.recovering {
    border-color: var(--_warn);
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

  p,
  dl,
  dd {
    margin: 0;
  }

  .status {
    align-items: baseline;
    column-gap: 0.5em;
    display: flex;
    flex-wrap: wrap;
    font-weight: 600;
  }

  .attempt,
  .hint,
  .unknown,
  dt {
    color: var(--_muted);
    font-weight: 400;
  }

  .hint {
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

  .connecting .mark {
    border-style: dotted;
  }

  .live .mark {
    background: var(--_live);
    border-color: var(--_live);
  }

  .recovering .mark {
    background: var(--_warn);
    border: 0;
    border-radius: 0;
    clip-path: polygon(50% 0, 100% 100%, 0 100%);
  }

  .failed .mark {
    background: var(--_bad);
    border-color: var(--_bad);
    border-radius: 0;
  }

  .figures {
    display: grid;
    gap: 0.375rem 1.25rem;
    grid-template-columns: repeat(auto-fill, minmax(7.5rem, 1fr));
  }

  dt {
    font-size: 0.8125rem;
  }

  .recovering .figures {
    opacity: 0.7;
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
