import type { CaptureFeature, CapturePlatform } from '../../../src/core/capture/index.js';

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
}

/** What `getUserMedia` throws, by name. */
export const refusal = (name: string, message = '', more: object = {}): Error =>
  Object.assign(new Error(message), { name, ...more });

/** A machine with devices, a person and policies that a test decides about. */
export class FakeMachine implements CapturePlatform {
  secure = true;
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

  mediaDevices = {
    getUserMedia: async (constraints: MediaStreamConstraints = {}) => {
      this.calls.push({ api: 'user', constraints });
      await this.gate;
      if (this.userFailure) throw this.userFailure as Error;
      const tracks: FakeTrack[] = [];
      for (const kind of ['video', 'audio'] as const) {
        if (constraints[kind]) tracks.push(this.#open(kind, constraints[kind]));
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

  permission = async (feature: CaptureFeature) => this.permissions[feature] ?? null;
  allows = (feature: CaptureFeature) => !this.forbidden.includes(feature);
  createStream = (tracks: readonly MediaStreamTrack[]) => new FakeStream(tracks as unknown as FakeTrack[]).stream;

  #open(kind: 'video' | 'audio', wanted: boolean | MediaTrackConstraints): FakeTrack {
    const exact = typeof wanted === 'object' && typeof wanted.deviceId === 'object' && 'exact' in wanted.deviceId;
    const id = exact ? (wanted.deviceId as { exact: string }).exact : undefined;
    const device = this.devices.find((one) => one.kind === `${kind}input` && (id === undefined || one.deviceId === id));
    if (!device && id !== undefined) throw refusal('OverconstrainedError', '', { constraint: 'deviceId' });
    if (!device) throw refusal('NotFoundError', 'Requested device not found');
    return new FakeTrack(kind, device.label, { deviceId: device.deviceId });
  }
}
