import { css } from 'lit';
import { unseen } from '../shared/styles.js';

export const styles = css`
  .pool {
    background: var(--_surface);
    border: 1px solid var(--_line);
    border-radius: var(--_radius);
    overflow: clip;
  }

  p,
  dl,
  dd {
    margin: 0;
  }

  .line {
    align-items: center;
    display: flex;
    gap: 0.5em;
    justify-content: space-between;
    min-block-size: calc(var(--_control) + 0.5em);
    padding-block: 0.25em;
    padding-inline: 0.875em 0.25em;
  }

  .figures {
    column-gap: 1em;
    display: flex;
    flex-wrap: wrap;
    min-inline-size: 0;
  }

  .reuse,
  .none,
  .why,
  .label,
  .time,
  .empty,
  .counters dt {
    color: var(--_muted);
  }

  /* The tooltip of the button at the end of the line stays inside. */
  .line .tip {
    inset-block: auto;
    inset-inline: auto calc(100% + 4px);
    translate: none;
  }

  .button.plain {
    border-color: transparent;
    color: var(--_muted);
  }

  .button.plain:not(:hover, :active) {
    background: none;
  }

  .button.plain:hover {
    color: var(--_text);
  }

  table {
    border-collapse: collapse;
    inline-size: 100%;
  }

  caption {
    font-weight: 600;
    padding: 0.75em 0.875em 0.25em;
    text-align: start;
  }

  th,
  td {
    padding: 0.5em 0.875em;
    text-align: start;
    vertical-align: middle;
  }

  thead th {
    color: var(--_muted);
    font-size: 0.8125em;
    font-weight: 500;
    padding: 0.25em calc(0.875em / 0.8125);
  }

  tbody th {
    font-weight: 600;
  }

  tbody tr,
  footer {
    border-block-start: 1px solid var(--_line);
  }

  tbody tr {
    block-size: calc(var(--_control) + 1em);
  }

  .devices {
    align-items: center;
    display: flex;
    gap: 0.625em;
    overflow-wrap: anywhere;
  }

  .name {
    display: inline-block;
  }

  .name::first-letter {
    text-transform: uppercase;
  }

  .label,
  .why {
    display: block;
    font-size: 0.8125em;
    font-weight: 400;
  }

  .state {
    align-items: center;
    display: inline-flex;
    font-weight: 600;
    gap: 0.5em;
  }

  /* A shape for each state beside its word and colour: dot, ring, bars. */
  .mark {
    block-size: 0.625em;
    border: 2px solid currentcolor;
    border-radius: 50%;
    color: var(--_muted);
    flex: none;
    inline-size: 0.625em;
  }

  .live .mark {
    background: currentcolor;
    color: var(--_live);
  }

  .parked .mark {
    border-block: 0;
    border-inline-width: 0.2em;
    border-radius: 0;
  }

  .time {
    white-space: nowrap;
  }

  .act {
    text-align: end;
  }

  .act .button,
  .all {
    font-size: 0.9375em;
  }

  footer {
    align-items: center;
    display: flex;
    flex-wrap: wrap;
    gap: 0.75em;
    justify-content: space-between;
    padding: 0.625em 0.875em;
  }

  .empty + footer {
    border-block-start: 1px solid var(--_line);
  }

  .counters {
    column-gap: 1.25em;
    display: flex;
    flex-wrap: wrap;
    font-size: 0.875em;
    row-gap: 0.25em;
  }

  .counters div {
    display: flex;
    flex-wrap: wrap;
    gap: 0.375em;
  }

  .counters dd {
    font-weight: 600;
  }

  .empty {
    display: grid;
    gap: 0.5em;
    justify-items: center;
    padding: 2em 1.25em;
    text-align: center;
    text-wrap: balance;
  }

  .empty .icon {
    block-size: 2.25em;
    inline-size: 2.25em;
  }

  .empty p {
    max-inline-size: 34em;
  }

  /* A row for each stream becomes a block for each; every figure brings its own head. */
  @container (max-width: 34rem) {
    table,
    caption,
    tbody,
    tbody th,
    tbody tr,
    td {
      display: block;
    }

    thead {
      ${unseen}
    }

    tbody tr {
      block-size: auto;
      padding: 0.625em 0.875em;
    }

    tbody :is(th, td) {
      padding: 0.125em 0;
      white-space: normal;
    }

    td[data-head] {
      align-items: baseline;
      column-gap: 0.5em;
      display: flex;
      flex-wrap: wrap;
    }

    td[data-head]::before {
      color: var(--_muted);
      content: attr(data-head);
      content: attr(data-head) / '';
      flex: 0 0 5.5em;
      font-size: 0.8125em;
    }

    .act {
      text-align: start;
    }

    .act:not(:has(button)) {
      display: none;
    }
  }

  @media (forced-colors: active) {
    .pool {
      border: 1px solid CanvasText;
    }

    .mark {
      forced-color-adjust: none;
    }
  }
`;
