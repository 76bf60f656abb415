import type { CaptureFeature, CapturePlatform, MachineSignals } from '../../../src/core/capture/index.js';

/** A track that ends, as devices do. */
export class FakeTrack extends EventTarget {
  enabled = true;
  readyState: 'live' | 'ended' = 'live';
  readonly kind: 'video' | 'audio';
  readonly label: string;
  readonly #settings: MediaTrackSettings;

  constructor(kind: 'video' | 'audio', label: string = kind, settings: MediaTrackSettings = {}) {
    super();
    this.kind = kind;
    this.label = label;
    this.#settings = settings;
  }

  getSettings(): MediaTrackSettings {
    return this.#settings;
  }

  muted = false;
  readonly clones: FakeTrack[] = [];
  readonly applied: MediaTrackConstraints[] = [];

  clone(): MediaStreamTrack {
    const clone = new FakeTrack(this.kind, this.label, this.#settings);
    this.clones.push(clone);
    return clone.track;
  }

  async applyConstraints(constraints: MediaTrackConstraints = {}): Promise<void> {
    this.applied.push(constraints);
    await Promise.resolve();
  }

  /** As in browsers: nobody is told. */
  stop(): void {
    this.readyState = 'ended';
  }

  /** Unplugged, or "Stop sharing". */
  end(): void {
    this.readyState = 'ended';
    this.dispatchEvent(new Event('ended'));
    for (const clone of this.clones) if (clone.readyState === 'live') clone.end();
  }

  /** By the system, or by a switch on the device. */
  mute(muted: boolean): void {
    this.muted = muted;
    this.dispatchEvent(new Event(muted ? 'mute' : 'unmute'));
  }

  get track(): MediaStreamTrack {
    return this as unknown as MediaStreamTrack;
  }
}

export class FakeStream extends EventTarget {
  readonly tracks: FakeTrack[];

  constructor(tracks: readonly FakeTrack[]) {
    super();
    this.tracks = [...tracks];
  }

  addTrack = (track: MediaStreamTrack) => void this.tracks.push(track as unknown as FakeTrack);

  removeTrack(track: MediaStreamTrack): void {
    this.tracks.splice(this.tracks.indexOf(track as unknown as FakeTrack), 1);
  }

  getTracks = () => [...this.tracks];
  getVideoTracks = () => this.tracks.filter((track) => track.kind === 'video');
  getAudioTracks = () => this.tracks.filter((track) => track.kind === 'audio');

  get stream(): MediaStream {
    return this as unknown as MediaStream;
  }
}

export interface FakeDevice {
  kind: 'videoinput' | 'audioinput';
  deviceId: string;
  label: string;
  /** Of the hardware: devices of one housing have the same. */
  groupId?: string;
}

/** What `getUserMedia` throws, by name. */
export const refusal = (name: string, message = '', more: object = {}): Error =>
  Object.assign(new Error(message), { name, ...more });

/** What a person decided, and may decide otherwise. */
export class FakePermission extends EventTarget {
  state: PermissionState;

  constructor(state: PermissionState) {
    super();
    this.state = state;
  }

  set(state: PermissionState): void {
    this.state = state;
    this.dispatchEvent(new Event('change'));
  }
}

/** A machine with devices, a person and policies that a test decides about. */
export class FakeMachine implements CapturePlatform {
  secure = true;
  machine: MachineSignals = { memory: null, cores: null, tier: null, mobile: null, touch: false };
  readonly kept = new Map<string, string>();
  storage = {
    getItem: (key: string) => this.kept.get(key) ?? null,
    setItem: (key: string, value: string) => void this.kept.set(key, value),
  };
  /** Permissions that can be watched. */
  readonly statuses: Partial<Record<CaptureFeature, FakePermission>> = {};
  /** As on many phones: a second camera is busy while one is open. */
  oneCamera = false;
  /** Devices that cannot be opened, by id. */
  broken: string[] = [];
  /** What has to come first when a device is opened, by id. */
  readonly slow = new Map<string, Promise<void>>();
  readonly #events = new EventTarget();
  devices: FakeDevice[] = [
    { kind: 'videoinput', deviceId: 'cam-1', label: 'Desk Camera' },
    { kind: 'videoinput', deviceId: 'cam-2', label: 'Top Camera' },
    { kind: 'audioinput', deviceId: 'mic-1', label: 'Desk Microphone' },
  ];
  /** Whether labels and ids are told. */
  allowed = true;
  permissions: Partial<Record<CaptureFeature, PermissionState>> = {};
  forbidden: CaptureFeature[] = [];
  userFailure: unknown = null;
  displayFailure: unknown = null;
  displaySound = true;
  /** Resolves each request; replaced to keep one waiting. */
  gate: Promise<void> = Promise.resolve();
  /** Every track ever handed out. */
  readonly opened: FakeTrack[] = [];
  readonly calls: { api: 'user' | 'display'; constraints: MediaStreamConstraints }[] = [];

  get live(): FakeTrack[] {
    return this.opened.filter((track) => track.readyState === 'live');
  }

  plug(device: FakeDevice): void {
    this.devices = [...this.devices, device];
    this.tellDevices();
  }

  /** Takes a device away; `silently` without ending its tracks, as some engines do. */
  unplug(deviceId: string, { silently = false } = {}): void {
    this.devices = this.devices.filter((device) => device.deviceId !== deviceId);
    for (const track of this.live) if (!silently && track.getSettings().deviceId === deviceId) track.end();
    this.tellDevices();
  }

  tellDevices(): void {
    this.#events.dispatchEvent(new Event('devicechange'));
  }

  mediaDevices = {
    addEventListener: (type: string, listener: EventListenerOrEventListenerObject, options?: AddEventListenerOptions) =>
      this.#events.addEventListener(type, listener, options),
    getUserMedia: async (constraints: MediaStreamConstraints = {}) => {
      this.calls.push({ api: 'user', constraints });
      await this.gate;
      if (this.userFailure) throw this.userFailure as Error;
      const tracks: FakeTrack[] = [];
      for (const kind of ['video', 'audio'] as const) {
        if (!constraints[kind]) continue;
        const track = this.#open(kind, constraints[kind]);
        await this.slow.get(track.getSettings().deviceId!);
        tracks.push(track);
      }
      this.allowed = true;
      this.opened.push(...tracks);
      return new FakeStream(tracks).stream;
    },
    getDisplayMedia: async (constraints: DisplayMediaStreamOptions = {}) => {
      this.calls.push({ api: 'display', constraints });
      await this.gate;
      if (this.displayFailure) throw this.displayFailure as Error;
      const tracks = [new FakeTrack('video', 'screen')];
      if (constraints.audio && this.displaySound) tracks.push(new FakeTrack('audio', 'system'));
      this.opened.push(...tracks);
      return new FakeStream(tracks).stream;
    },
    enumerateDevices: async () =>
      this.devices.map((device) =>
        this.allowed ? device : { ...device, deviceId: '', label: '' },
      ) as unknown as MediaDeviceInfo[],
  };

  permission = async (feature: CaptureFeature) => this.statuses[feature]?.state ?? this.permissions[feature] ?? null;
  permissionStatus = async (feature: CaptureFeature) =>
    (this.statuses[feature] ?? null) as unknown as PermissionStatus | null;
  allows = (feature: CaptureFeature) => !this.forbidden.includes(feature);
  createStream = (tracks: readonly MediaStreamTrack[]) => new FakeStream(tracks as unknown as FakeTrack[]).stream;

  #open(kind: 'video' | 'audio', wanted: boolean | MediaTrackConstraints): FakeTrack {
    const exact = typeof wanted === 'object' && typeof wanted.deviceId === 'object' && 'exact' in wanted.deviceId;
    const id = exact ? (wanted.deviceId as { exact: string }).exact : undefined;
    const device = this.devices.find((one) => one.kind === `${kind}input` && (id === undefined || one.deviceId === id));
    if (!device && id !== undefined) throw refusal('OverconstrainedError', '', { constraint: 'deviceId' });
    if (!device) throw refusal('NotFoundError', 'Requested device not found');
    const second = kind === 'video' && this.oneCamera && this.live.some((track) => track.kind === 'video');
    if (second || this.broken.includes(device.deviceId)) {
      throw refusal('NotReadableError', `Could not start ${kind} source`);
    }
    return new FakeTrack(kind, device.label, { deviceId: device.deviceId, groupId: device.groupId ?? '' });
  }
}

/** Keeps requests waiting until the function that it answers is called. */
export function hold(machine: FakeMachine): () => void {
  let open!: () => void;
  machine.gate = new Promise((resolve) => (open = resolve));
  return open;
}

/** Until everything that was promised has been delivered. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}
