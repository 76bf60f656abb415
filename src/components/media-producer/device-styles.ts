import { css } from 'lit';

export const deviceStyles = css`
  .devices {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    min-inline-size: 0;
  }

  /* What it would be with its menus open is no reason to be wider. */
  .devices:not([open]) {
    inline-size: max(var(--_control), 1.5em + 2px);
  }

  /* In the corner over the picture: nothing else moves when it comes. */
  .stage .devices {
    align-self: start;
    grid-area: 1 / 1;
    justify-self: end;
    margin: 0.625rem;
    max-inline-size: calc(100% - 1.25rem);
    position: relative;
  }

  .stage .devices[open] {
    inline-size: min(100% - 1.25rem, 20rem);
    padding-block-end: 0.5rem;
  }

  /* What is in a details inherits from the browser's own parts of it. */
  .devices > * {
    box-sizing: border-box;
  }

  .devices > .button {
    display: flex;
    inline-size: max(var(--_control), 1.5em + 2px);
    list-style: none;
    margin-inline-start: auto;
  }

  summary::-webkit-details-marker {
    display: none;
  }

  .devices .tip {
    inset-block: calc(100% + 8px) auto;
    inset-inline: auto 0;
    translate: none;
  }

  .devices[open] > summary > .tip {
    display: none;
  }

  .panel {
    background: var(--_surface);
    border: 1px solid var(--_line);
    border-radius: calc(var(--_radius) - 4px);
    display: grid;
    gap: 0.75rem;
    grid-template-columns: minmax(0, 1fr);
    margin-block-start: 0.5rem;
    padding: 0.75rem;
    text-align: start;
  }

  .panel label {
    display: grid;
    gap: 0.25rem;
    grid-template-columns: minmax(0, 1fr);
    min-inline-size: 0;
  }

  .panel span {
    color: var(--_muted);
    font-size: 0.875rem;
  }

  .stage.on .panel span {
    color: #dfe3e7;
  }

  .stage.on select {
    color-scheme: dark;
  }

  select {
    background: var(--_surface);
    border: 1px solid var(--_line);
    border-radius: 8px;
    color: var(--_text);
    font: inherit;
    inline-size: 100%;
    min-block-size: var(--_control);
    min-inline-size: 0;
    padding-inline: 0.5em;
    text-overflow: ellipsis;
  }

  .bar slot[name='devices']:has(.devices[open]) {
    flex-basis: 100%;
    order: 1;
  }
`;
