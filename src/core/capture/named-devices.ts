import { OnAirError } from '../errors.js';
import { fault } from '../faults.js';
import { stopTracks } from './ask.js';
import { deviceKey } from './asked.js';
import type { LikedDevice } from './config.js';
import type { CapturePlatform } from './platform.js';

export type MediaInput = 'videoinput' | 'audioinput';
/** A device by its id or label, or as the list of devices has it. */
export type DeviceName = string | MediaDeviceInfo;
/** A name or an id for each kind of device that was named. */
export type Wanted = Partial<Record<MediaInput, string>>;
/** What a browser is asked for, for each kind. */
export type Ids = Partial<Record<MediaInput, ConstrainDOMString>>;
/** Devices that were chosen at another time. */
export type Liked = Partial<Record<MediaInput, LikedDevice>>;
export type Devices = NonNullable<CapturePlatform['mediaDevices']>;

/**
 * Opens the devices that were named, by id or by label.
 * @param open asks for devices by their ids
 * @throws OnAirError `overconstrained` when there is none of that name; what `open` throws
 */
export async function openNamed(
  names: Wanted,
  open: (ids: Ids) => Promise<MediaStream>,
  devices: Devices,
): Promise<MediaStream> {
  const known = await resolve(names, devices);
  if (known.labelled) return open(exact(requireAll(names, known.ids)));
  // Before the first permission neither labels nor ids are told. What was named may be an id that works as it is.
  try {
    return await open(exact(names));
  } catch (error) {
    const unknown = error instanceof OnAirError && (error.code === 'overconstrained' || error.code === 'none');
    if (!unknown) throw error;
  }
  return openByLabel(names, open, devices);
}

/** Opens whatever there is to be told the labels, and then what was meant. */
async function openByLabel(names: Wanted, open: (ids: Ids) => Promise<MediaStream>, devices: Devices) {
  const first = await open({});
  try {
    const { ids } = await resolve(names, devices);
    const wanted = requireAll(names, ids);
    const inUse = new Set(first.getTracks().map((track) => track.getSettings().deviceId));
    if (Object.values(wanted).every((id) => inUse.has(id))) return first;
    stopTracks(first); // Many phones cannot hold two cameras open.
    return await open(exact(wanted));
  } catch (error) {
    stopTracks(first);
    throw error;
  }
}

const exact = (ids: Wanted): Ids => Object.fromEntries(Object.entries(ids).map(([kind, id]) => [kind, { exact: id }]));

/** Never a reason to fail: a device that is not there is not asked for, and one that cannot be known of yet is only wished for. */
export async function whereLiked(liked: Liked, devices: Devices): Promise<Ids> {
  const list = await devices.enumerateDevices().catch((): MediaDeviceInfo[] => []);
  const ids: Ids = {};
  for (const [kind, { id, label }] of Object.entries(liked) as [MediaInput, LikedDevice][]) {
    const of = list.filter((device) => device.kind === kind);
    const found =
      of.find(({ deviceId }) => deviceId === id) ?? of.find((device) => label !== '' && device.label === label);
    if (found) ids[kind] = { exact: found.deviceId };
    else if (of.every(({ deviceId }) => deviceId === '')) ids[kind] = { ideal: id };
  }
  return ids;
}

export const nameOf = (device: DeviceName): string => (typeof device === 'string' ? device : String(device?.deviceId));

/** The one device that is meant: by id, by whole label in any case, or by the only label that holds the name. */
export function findDevice(of: readonly MediaDeviceInfo[], name: string): MediaDeviceInfo | undefined {
  const within = of.filter((device) => device.label.toLowerCase().includes(name.toLowerCase()));
  return (
    of.find((device) => device.deviceId === name) ??
    within.find((device) => device.label.length === name.length) ??
    (within.length === 1 ? within[0] : undefined)
  );
}

async function resolve(names: Wanted, devices: Devices): Promise<{ ids: Wanted; labelled: boolean }> {
  const list = await devices.enumerateDevices().catch((): MediaDeviceInfo[] => []);
  const ids: Wanted = {};
  let labelled = true;
  for (const kind of Object.keys(names) as MediaInput[]) {
    const of = list.filter((device) => device.kind === kind);
    const found = findDevice(of, names[kind]!);
    if (found) ids[kind] = found.deviceId;
    else labelled &&= of.some((device) => device.label !== '');
  }
  return { ids, labelled };
}

function requireAll(names: Wanted, ids: Wanted): Wanted {
  for (const kind of Object.keys(names) as MediaInput[]) {
    if (ids[kind] === undefined) throw noSuchDevice(kind, names[kind]!);
  }
  return ids;
}

export function noSuchDevice(kind: MediaInput, name: string): OnAirError {
  const device = deviceKey(kind === 'videoinput' ? 'camera' : 'microphone');
  return fault('overconstrained', { device, name }, { key: 'overconstrained.name' });
}
