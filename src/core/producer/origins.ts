import { ofKind, type DeviceKind, type DeviceList } from '../capture/index.js';

interface Origin {
  readonly id: string;
  readonly label: string;
  /** Of its hardware; empty where the browser does not tell. */
  readonly group: string;
  /** Others of the same name that were listed beside it: none of them is this one under another id. */
  twins: readonly string[];
  /** Whether it was listed, and no longer is. */
  listed: boolean;
  absent: boolean;
  lost: boolean;
}

/** Which devices were wanted, and whether they are there: what is plugged in again is taken again. */
export class Origins {
  #of: Partial<Record<DeviceKind, Origin>> = {};

  /** This one is wanted from now on; `list` is what there is, as far as that is known. */
  set(kind: DeviceKind, track: MediaStreamTrack, list: DeviceList): void {
    const { deviceId: id = '', groupId: group = '' } = track.getSettings();
    this.#of[kind] = { id, label: track.label, group, twins: [], listed: false, absent: false, lost: false };
    this.left(kind, id, list);
  }

  /** Whether this id is the one of the wanted device. */
  wants(kind: DeviceKind, id: string | undefined): boolean {
    return this.#of[kind]?.id === id;
  }

  /** The one in use was lost, or delivers nothing; the first that was is the one that is wanted. */
  lose(kind: DeviceKind): void {
    const origin = this.#of[kind];
    if (origin) origin.lost = true;
  }

  /** Whether the one that is wanted is not in use. */
  isLost(kind: DeviceKind): boolean {
    return this.#of[kind]?.lost === true;
  }

  /** The one that is wanted is in use again, without having been away. */
  regain(kind: DeviceKind): void {
    const origin = this.#of[kind];
    if (origin) origin.lost = origin.absent = false;
  }

  /** Whether the wanted device, in use by this id, has left the list. */
  left(kind: DeviceKind, inUse: string, list: DeviceList): boolean {
    const origin = this.#of[kind];
    if (!origin || origin.id !== inUse || origin.id === '') return false;
    const here = find(origin, kind, list);
    const left = origin.listed && !here;
    origin.listed = here !== undefined;
    if (here) origin.twins = twinsOf(here, kind, list);
    return left && !origin.lost;
  }

  /** The id by which a wanted device that was lost is listed again; null where it is not. */
  back(kind: DeviceKind, list: DeviceList): string | null {
    const origin = this.#of[kind];
    if (!origin?.lost) return null;
    const here = find(origin, kind, list);
    if (!here) origin.absent = true;
    if (!here || !origin.absent) return null;
    origin.absent = false;
    return here.deviceId;
  }
}

/** Ids by which Chromium lists what the system has chosen, whichever device that is at the moment. */
const CHOSEN = ['default', 'communications'];

/**
 * The device, by its id, or by its name where it has another one since. A track that was opened by one of `CHOSEN` stays with
 * the hardware that it was then, which is listed by an id of its own, too.
 */
function find(origin: Origin, kind: DeviceKind, list: DeviceList): MediaDeviceInfo | undefined {
  const { id, label, group, twins } = origin;
  const of = ofKind(list, kind);
  const named = (device: MediaDeviceInfo) => label !== '' && device.label === label;
  if (!CHOSEN.includes(id))
    return of.find(({ deviceId }) => deviceId === id) ?? of.find((one) => named(one) && !twins.includes(one.deviceId));
  const same = (device: MediaDeviceInfo) =>
    group !== '' && device.groupId === group ? true : device.label !== '' && label.endsWith(device.label);
  // By its own id first: what is asked for by one of `CHOSEN` may be open already, of other hardware.
  return (
    of.find((device) => !CHOSEN.includes(device.deviceId) && same(device)) ??
    of.find((device) => device.deviceId === id && (same(device) || named(device)))
  );
}

const twinsOf = (device: MediaDeviceInfo, kind: DeviceKind, list: DeviceList): string[] =>
  ofKind(list, kind)
    .filter(({ deviceId, label }) => label === device.label && deviceId !== device.deviceId)
    .map(({ deviceId }) => deviceId);
