import { css } from 'lit';

export const broadcastStyles = css`
  .frame.live {
    border-color: var(--_live);
  }

  .frame.recovering {
    border-color: var(--_warn);
  }

  dl,
  dd {
    margin: 0;
  }

  .attempt,
  .unknown,
  dt {
    color: var(--_muted);
    font-weight: 400;
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
`;
