import { OnAirError } from '../errors.js';
import { fault } from '../faults.js';
import { stopTracks } from './ask.js';
import { deviceKey } from './asked.js';
import type { CapturePlatform } from './platform.js';

type MediaInput = 'videoinput' | 'audioinput';
/** A name or an id for each kind of device that was named. */
export type Wanted = Partial<Record<MediaInput, string>>;
export type Devices = NonNullable<CapturePlatform['mediaDevices']>;

/**
 * Opens the devices that were named, by id or by label.
 * @param open asks for devices by their ids
 * @throws OnAirError `overconstrained` when there is none of that name; what `open` throws
 */
export async function openNamed(
  names: Wanted,
  open: (ids: Wanted) => Promise<MediaStream>,
  devices: Devices,
): Promise<MediaStream> {
  const known = await resolve(names, devices);
  if (known.labelled) return open(requireAll(names, known.ids));
  // Before the first permission neither labels nor ids are told. What was named may be an id that works as it is.
  try {
    return await open(names);
  } catch (error) {
    const unknown = error instanceof OnAirError && (error.code === 'overconstrained' || error.code === 'none');
    if (!unknown) throw error;
  }
  return openByLabel(names, open, devices);
}

/** Opens whatever there is to be told the labels, and then what was meant. */
async function openByLabel(names: Wanted, open: (ids: Wanted) => Promise<MediaStream>, devices: Devices) {
  const first = await open({});
  try {
    const { ids } = await resolve(names, devices);
    const wanted = requireAll(names, ids);
    const inUse = new Set(first.getTracks().map((track) => track.getSettings().deviceId));
    if (Object.values(wanted).every((id) => inUse.has(id))) return first;
    stopTracks(first); // Many phones cannot hold two cameras open.
    return await open(wanted);
  } catch (error) {
    stopTracks(first);
    throw error;
  }
}

/** Ids of the named devices, by id, by whole label, or by the only label that holds the name. */
async function resolve(names: Wanted, devices: Devices): Promise<{ ids: Wanted; labelled: boolean }> {
  const list = await devices.enumerateDevices().catch((): MediaDeviceInfo[] => []);
  const ids: Wanted = {};
  let labelled = true;
  for (const kind of Object.keys(names) as MediaInput[]) {
    const of = list.filter((device) => device.kind === kind);
    const name = names[kind]!;
    const within = of.filter((device) => device.label.toLowerCase().includes(name.toLowerCase()));
    const found =
      of.find((device) => device.deviceId === name) ??
      within.find((device) => device.label.length === name.length) ??
      (within.length === 1 ? within[0] : undefined);
    if (found) ids[kind] = found.deviceId;
    else labelled &&= of.some((device) => device.label !== '');
  }
  return { ids, labelled };
}

function requireAll(names: Wanted, ids: Wanted): Wanted {
  for (const kind of Object.keys(names) as MediaInput[]) {
    if (ids[kind] !== undefined) continue;
    const device = deviceKey(kind === 'videoinput' ? 'camera' : 'microphone');
    throw fault('overconstrained', { device, name: names[kind]! }, { key: 'overconstrained.name' });
  }
  return ids;
}
