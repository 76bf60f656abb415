import { html, svg, type SVGTemplateResult, type TemplateResult } from 'lit';

// 24 px grid, 1.75 px strokes with round ends; `solid` shapes are filled. Those of a take and of the library come later.
export const shapes = {
  record: svg`<circle class="solid" cx="12" cy="12" r="6.5" />`,
  stop: svg`<rect class="solid" x="6.5" y="6.5" width="11" height="11" rx="1.5" />`,
  pause: svg`<path d="M9 6v12M15 6v12" />`,
  play: svg`<path class="solid" d="M8.5 5.8v12.4l9.5-6.2z" />`,
  camera: svg`<rect x="3" y="6.5" width="12.5" height="11" rx="2.25" /><path d="M15.5 10.6 21 7.5v9l-5.5-3.1" />`,
  microphone: svg`<rect x="9" y="3" width="6" height="11" rx="3" /><path d="M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3" />`,
  screen: svg`<rect x="3" y="4.5" width="18" height="12" rx="2" /><path d="M8.5 20h7M12 16.5V20" />`,
  sound: svg`<path d="M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4.25 4.25 0 0 1 0 6M18 6.5a7.75 7.75 0 0 1 0 11" />`,
  warning: svg`<path d="M12 4.2 21 19.5H3zM12 10v4.2M12 16.9v.1" />`,
  close: svg`<path d="m6.5 6.5 11 11M17.5 6.5l-11 11" />`,
  again: svg`<path d="M5 12a7 7 0 1 0 2.2-5.1L5 9M5 4.5V9h4.5" />`,
} as const satisfies Record<string, SVGTemplateResult>;

export type IconName = keyof typeof shapes;

/** An icon in the text's colour. It says nothing to a screen reader: the name belongs to what it stands in. */
export const icon = (name: IconName): TemplateResult => draw(shapes[name]);

export const draw = (shape: SVGTemplateResult): TemplateResult =>
  html`<svg class="icon" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">${shape}</svg>`;
