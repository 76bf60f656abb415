import { ofKind, type DeviceKind, type DeviceList } from '../capture/index.js';

interface Origin {
  readonly id: string;
  readonly label: string;
  /** Whether it was listed, and no longer is. */
  listed: boolean;
  absent: boolean;
  lost: boolean;
}

/** Which devices were wanted, and whether they are there: what is plugged in again is taken again. */
export class Origins {
  #of: Partial<Record<DeviceKind, Origin>> = {};

  /** This one is wanted from now on. */
  set(kind: DeviceKind, track: MediaStreamTrack): void {
    const { deviceId = '' } = track.getSettings();
    this.#of[kind] = { id: deviceId, label: track.label, listed: false, absent: false, lost: false };
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

  /** The one that is wanted is in use again, without having been away. */
  regain(kind: DeviceKind): void {
    const origin = this.#of[kind];
    if (origin) origin.lost = origin.absent = false;
  }

  /** Whether the wanted device, in use by this id, has left the list. */
  left(kind: DeviceKind, inUse: string, list: DeviceList): boolean {
    const origin = this.#of[kind];
    if (!origin || origin.id !== inUse || origin.id === '') return false;
    const here = find(origin, kind, list) !== undefined;
    const left = origin.listed && !here;
    origin.listed = here;
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

/** The system's default keeps its id whichever device it is; its label tells. */
const find = ({ id, label }: Origin, kind: DeviceKind, list: DeviceList): MediaDeviceInfo | undefined =>
  ofKind(list, kind).find((device) => device.deviceId === id && (id !== 'default' || device.label === label)) ??
  ofKind(list, kind).find((device) => device.label === label && label !== '');
