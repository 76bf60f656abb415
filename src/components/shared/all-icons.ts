import { svg, type SVGTemplateResult, type TemplateResult } from 'lit';
import { draw, shapes } from './icons.js';

/** With those that nothing shows before the first capture or take. */
const all = {
  ...shapes,
  download: svg`<path d="M12 4v11M7.5 10.8 12 15.3l4.5-4.5M4.5 19.5h15" />`,
  trash: svg`<path d="M4.5 7h15M9.5 7V4.5h5V7M6.5 7l.9 12.5h9.2L17.5 7M10.2 10.8v5M13.8 10.8v5" />`,
  info: svg`<circle cx="12" cy="12" r="8.5" /><path d="M12 11.2v5M12 7.9V8" />`,
  check: svg`<path d="m5 12.8 4.4 4.4L19 7.5" />`,
  sliders: svg`<path d="M4 8h8M18 8h2M4 16h2M12 16h8" /><circle cx="15" cy="8" r="2.75" /><circle cx="9" cy="16" r="2.75" />`,
} as const satisfies Record<string, SVGTemplateResult>;

export type IconName = keyof typeof all;

export const icon = (name: IconName): TemplateResult => draw(all[name]);
