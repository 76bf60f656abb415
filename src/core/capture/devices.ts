import type { LikedDevice } from './config.js';
import type { CapturePlatform } from './platform.js';

/** What a person chooses between, as the platform lists it: cameras and microphones. */
export type DeviceList = readonly MediaDeviceInfo[];

export type DeviceKind = 'video' | 'audio';

export const NO_DEVICES: DeviceList = Object.freeze([]);

/** Cameras and microphones; with labels and ids once the person has allowed one of their kind. */
export async function listDevices(platform: CapturePlatform): Promise<DeviceList> {
  const all = (await platform.mediaDevices?.enumerateDevices().catch(() => null)) ?? [];
  return Object.freeze(all.filter(({ kind }) => kind !== 'audiooutput'));
}

export const ofKind = (devices: DeviceList, kind: DeviceKind): MediaDeviceInfo[] =>
  devices.filter((device) => device.kind === `${kind}input`);

/** Follows what is plugged in and out. An event after which the list is the same is no change. */
export class DeviceWatch {
  #list: DeviceList = NO_DEVICES;
  #reading: Promise<void> = Promise.resolve();

  /**
   * @param changed called after `list` is another
   * @param signal ends it
   */
  constructor(
    private readonly platform: CapturePlatform,
    private readonly changed: (list: DeviceList) => void,
    private readonly signal: AbortSignal,
  ) {
    platform.mediaDevices?.addEventListener?.('devicechange', () => void this.refresh(), { signal });
  }

  get list(): DeviceList {
    return this.#list;
  }

  /** Reads the list now, after what is being read already: a later answer is never older. */
  refresh(): Promise<void> {
    this.#reading = this.#reading.then(async () => {
      const list = await listDevices(this.platform);
      if (this.signal.aborted || isSame(list, this.#list)) return;
      this.#list = list;
      this.changed(list);
    });
    return this.#reading;
  }
}

function isSame(one: DeviceList, other: DeviceList): boolean {
  const same = (a: MediaDeviceInfo, b: MediaDeviceInfo) =>
    a.deviceId === b.deviceId && a.label === b.label && a.kind === b.kind && a.groupId === b.groupId;
  return one.length === other.length && one.every((device, index) => same(device, other[index]!));
}

const keyOf = (kind: DeviceKind): string => `onair-elements/${kind}-device`;

/** Keeps a choice for other visits. Where nothing can be kept it holds for this one. */
export function remember({ storage }: CapturePlatform, kind: DeviceKind, device: LikedDevice): void {
  try {
    storage?.setItem(keyOf(kind), JSON.stringify({ id: device.id, label: device.label }));
  } catch {
    // The quota is used up, or the storage is closed.
  }
}

/** What was chosen last; undefined where nothing was, or what is kept is none of ours. */
export function remembered({ storage }: CapturePlatform, kind: DeviceKind): LikedDevice | undefined {
  try {
    const { id, label } = JSON.parse(storage?.getItem(keyOf(kind)) ?? '{}') as Partial<LikedDevice>;
    return typeof id === 'string' && typeof label === 'string' ? { id, label } : undefined;
  } catch {
    return undefined;
  }
}
