import { css } from 'lit';

export const styles = css`
  .frame {
    background: var(--_surface);
    border: 1px solid var(--_line);
    border-radius: var(--_radius);
    display: grid;
    gap: 0.625rem;
    grid-template-columns: minmax(0, 1fr);
    padding: 0.75rem;
  }

  .hint {
    color: var(--_muted);
    font-size: 0.9375rem;
    margin: 0;
    max-inline-size: 52ch;
    overflow-wrap: anywhere;
    text-wrap: pretty;
  }
`;
