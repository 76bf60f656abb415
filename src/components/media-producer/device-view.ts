import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import type { MediaProducer } from '../../core/producer/index.js';
import { icon } from '../shared/all-icons.js';
import { sayIn, type DeviceWord, type Say } from './device-words.js';

/** What is shown from when there is a choice. A page on which nothing is captured yet does not load it. */
export { deviceStyles } from './device-styles.js';

type Kind = 'video' | 'audio';

/** A menu for each kind that is captured and of which there is more than one; nothing without a choice. */
export function renderDevices(core: MediaProducer, lang: string): TemplateResult | typeof nothing {
  const { config } = core;
  const { devices, active } = core.store.get();
  const say = sayIn(lang);
  const captured: Kind[] = [];
  if (config?.video === 'camera') captured.push('video');
  if (config?.audio.includes('microphone')) captured.push('audio');
  const menus = captured
    .map((kind) => ({ kind, list: devices.filter((device) => device.kind === `${kind}input`) }))
    .filter(({ list }) => list.length > 1);
  if (menus.length === 0) return nothing;
  return html`<details class="devices" part="devices" @keydown=${closeByKey}>
    <summary class="button bare" part="button devices-button" aria-label=${say('producer.devices')}>
      ${icon('sliders')}<span class="tip" aria-hidden="true">${say('producer.devices')}</span>
    </summary>
    <div class="panel" part="devices-panel">
      ${menus.map(({ kind, list }) => renderMenu(kind, list, active[kind], say, core))}
    </div>
  </details>`;
}

function renderMenu(
  kind: Kind,
  list: readonly MediaDeviceInfo[],
  active: string | null,
  say: Say,
  core: MediaProducer,
): TemplateResult {
  const name = say(`producer.devices.${kind}`);
  const change = ({ target }: Event) => void core.switchDevice(kind, (target as HTMLSelectElement).value);
  const label = (device: MediaDeviceInfo, index: number) =>
    device.label || say('producer.devices.unnamed', { kind: name, number: index + 1 });
  return html`<label
    ><span>${name}</span>
    <select part="device-select ${kind}-select" .value=${live(active ?? '')} @change=${change}>
      ${list.map(
        (device, index) =>
          html`<option value=${device.deviceId} ?selected=${device.deviceId === active}>
            ${label(device, index)}
          </option>`,
      )}
    </select>
  </label>`;
}

/** As menus are closed; the focus goes back to what opened it. */
function closeByKey(event: KeyboardEvent): void {
  const details = event.currentTarget as HTMLDetailsElement;
  if (event.key !== 'Escape' || !details.open) return;
  details.open = false;
  details.querySelector('summary')!.focus();
  // A dialog around the element would close, too.
  event.preventDefault();
  event.stopPropagation();
}

/** What can be had although all of it could not; nothing where all of it was. */
export function renderInstead(core: MediaProducer, lang: string): TemplateResult | typeof nothing {
  const { instead } = core.store.get();
  if (!instead) return nothing;
  const picture = instead.video !== 'none';
  const word: DeviceWord = picture ? 'producer.instead.video' : 'producer.instead.audio';
  return html`<button
    type="button"
    class="button"
    part="button instead-button"
    @click=${() => void core.start(instead)}
  >
    ${icon(picture ? 'camera' : 'microphone')}<span class="label">${sayIn(lang)(word)}</span>
  </button>`;
}
