import { css } from 'lit';
import { unseen } from '../shared/styles.js';

export const styles = css`
  .meter {
    background: var(--_surface);
    border: 1px solid var(--_line);
    border-radius: var(--_radius);
    overflow: clip;
  }

  p {
    margin: 0;
  }

  .line {
    align-content: center;
    align-items: baseline;
    column-gap: 0.75em;
    display: flex;
    flex-wrap: wrap;
    min-block-size: calc(var(--_control) + 0.5em);
    padding: 0.5em 0.875em;
  }

  .state {
    align-items: center;
    display: inline-flex;
    font-weight: 600;
    gap: 0.5em;
  }

  .summary,
  .blame {
    min-inline-size: 0;
    overflow-wrap: anywhere;
  }

  .blame,
  .beside,
  .cost,
  .state.idle + .summary {
    color: var(--_muted);
  }

  .blame {
    font-size: 0.8125em;
  }

  /* A shape for each state beside its word and colour: ring, dot, triangle, square. */
  .mark {
    block-size: 0.625em;
    border: 2px solid currentcolor;
    border-radius: 50%;
    color: var(--_muted);
    display: inline-block;
    flex: none;
    inline-size: 0.625em;
  }

  .ok .mark {
    background: currentcolor;
    color: var(--_live);
  }

  .warn .mark {
    background: currentcolor;
    border: 0;
    border-radius: 0;
    clip-path: polygon(50% 0, 100% 100%, 0 100%);
    color: var(--_warn);
  }

  .bad .mark {
    background: currentcolor;
    border-radius: 0;
    color: var(--_bad);
  }

  .state.warn,
  .found,
  .other {
    color: var(--_warn);
  }

  .state.bad,
  .bad .found,
  .other.bad {
    color: var(--_bad);
  }

  .state .mark,
  .other .mark {
    color: inherit;
  }

  .state.ok .mark {
    color: var(--_live);
  }

  table {
    border-collapse: collapse;
    inline-size: 100%;
  }

  th,
  td {
    padding: 0.5em 0.875em;
    text-align: start;
    vertical-align: baseline;
  }

  thead th {
    color: var(--_muted);
    font-size: 0.8125em;
    font-weight: 500;
    padding: 0.25em calc(0.875em / 0.8125);
  }

  tbody th {
    font-weight: 600;
    white-space: nowrap;
  }

  tbody .mark {
    margin-inline-end: 0.5em;
  }

  tbody tr,
  .charts,
  footer,
  .other {
    border-block-start: 1px solid var(--_line);
  }

  .found {
    display: block;
    font-size: 0.875em;
  }

  .trend {
    inline-size: 30%;
    padding-block: 0.25em;
    vertical-align: middle;
  }

  .spark {
    block-size: 1.75em;
    color: var(--_muted);
    display: block;
    inline-size: 100%;
  }

  .charts {
    display: grid;
    gap: 1.25em;
    grid-template-columns: repeat(auto-fit, minmax(min(17rem, 100%), 1fr));
    padding: 0.875em;
  }

  figure {
    margin: 0;
    min-inline-size: 0;
  }

  figcaption {
    font-size: 0.875em;
  }

  .line-of {
    color: var(--_muted);
    display: block;
  }

  .key {
    border-block-start: 2px solid;
    color: var(--_accent);
    display: inline-block;
    inline-size: 1.25em;
    margin-inline-end: 0.375em;
    vertical-align: middle;
  }

  .line-of:nth-of-type(2) .key {
    border-block-start-style: dashed;
    color: var(--_text);
  }

  .line-of:nth-of-type(3) .key {
    border-block-start-style: dotted;
    color: var(--_muted);
  }

  .plot {
    block-size: 8em;
    margin-block-start: 0.375em;
    position: relative;
  }

  /* What is drawn has the colours and the font of its canvas; lines in a chart have those of their keys. */
  .chart {
    border-color: var(--_line);
    color: var(--_muted);
    font-size: 0.75em;
    inset: 0;
    position: absolute;
  }

  .details {
    font-size: 0.875em;
    grid-column: 1 / -1;
    min-inline-size: 0;
  }

  dl {
    column-gap: 0.875em;
    display: grid;
    grid-template-columns: minmax(min-content, max-content) 1fr;
    margin: 0.375em 0 1.25em;
    row-gap: 0.25em;
  }

  dt {
    color: var(--_muted);
  }

  dd {
    margin: 0;
    min-inline-size: 0;
    overflow-wrap: anywhere;
  }

  .other {
    padding: 0.5em 0.875em;
  }

  .other .mark {
    margin-inline-end: 0.5em;
  }

  footer {
    align-items: center;
    display: flex;
    flex-wrap: wrap;
    gap: 0.75em;
    justify-content: space-between;
    padding: 0.625em 0.875em;
  }

  .cost,
  .buttons {
    font-size: 0.9375em;
  }

  .buttons {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5em;
  }

  /* A row at a time: name and figures side by side as far as there is room, the line below them. */
  @container (max-width: 30rem) {
    table,
    tbody,
    tbody th,
    td {
      display: block;
    }

    thead {
      ${unseen}
    }

    tbody tr {
      column-gap: 0.875em;
      display: flex;
      flex-wrap: wrap;
      padding: 0.5em 0.875em;
    }

    tbody :is(th, td) {
      padding: 0;
    }

    tbody th {
      flex: 0 1 7em;
    }

    td {
      flex: 1 1 10em;
      min-inline-size: 0;
      overflow-wrap: anywhere;
    }

    .trend {
      flex-basis: 100%;
    }

    dl {
      display: block;
    }

    dd {
      margin-block-end: 0.5em;
    }
  }

  @media (forced-colors: active) {
    .meter {
      border: 1px solid CanvasText;
    }

    /* Its ground is a colour of ours, which is the person's here: the shape tells. */
    .mark.mark.mark {
      color: CanvasText;
      forced-color-adjust: none;
    }

    canvas,
    .line-of .key.key {
      border-color: CanvasText;
      color: CanvasText;
    }
  }
`;
