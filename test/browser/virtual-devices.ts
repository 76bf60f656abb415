/** Cameras and microphones by name (which is their id, too), each of them the browser's fake one. */
export interface VirtualDevices {
  set(cameras: readonly string[], microphones: readonly string[]): void;
  plug(kind: 'video' | 'audio', name: string): void;
  unplug(name: string): void;
  /** Tells that something may have changed. */
  change(): void;
  /** Those that another program holds. */
  readonly broken: string[];
  /** What is given for a device. */
  readonly instead: Map<string, () => MediaStream>;
  readonly asked: MediaStreamConstraints[];
  /** How many of the tracks that were given are live. */
  live(): number;
  restore(): void;
}

interface Device {
  kind: 'video' | 'audio';
  name: string;
}

export function virtualDevices(cameras: readonly string[], microphones: readonly string[]): VirtualDevices {
  const { mediaDevices } = navigator;
  const real = mediaDevices.getUserMedia.bind(mediaDevices);
  let all: Device[] = [];
  const given: MediaStreamTrack[] = [];
  const listOf = (video: readonly string[], audio: readonly string[]): Device[] => [
    ...video.map((name) => ({ kind: 'video' as const, name })),
    ...audio.map((name) => ({ kind: 'audio' as const, name })),
  ];
  all = listOf(cameras, microphones);

  const wanted = (kind: 'video' | 'audio', constraints: MediaStreamConstraints): Device | null => {
    const asked = constraints[kind];
    if (!asked) return null;
    const { exact } = (typeof asked === 'object' ? (asked.deviceId ?? {}) : {}) as { exact?: string };
    const found = all.find((device) => device.kind === kind && (exact === undefined || device.name === exact));
    if (!found) throw new DOMException('Requested device not found', 'NotFoundError');
    if (made.broken.includes(found.name)) throw new DOMException(`Could not start ${kind} source`, 'NotReadableError');
    return found;
  };

  mediaDevices.enumerateDevices = async () =>
    all.map(({ kind, name }) => ({
      kind: `${kind}input` as const,
      deviceId: name,
      label: name,
      groupId: name,
      toJSON: () => ({}),
    })) as MediaDeviceInfo[];

  mediaDevices.getUserMedia = async (constraints = {}) => {
    made.asked.push(constraints);
    const [video, audio] = [wanted('video', constraints), wanted('audio', constraints)];
    const stream = made.instead.get((video ?? audio)?.name ?? '')?.();
    if (stream) return stream;
    const opened = await real({ video: video !== null, audio: audio !== null });
    for (const track of opened.getTracks()) {
      const name = (track.kind === 'video' ? video : audio)!.name;
      track.getSettings = () => ({ ...MediaStreamTrack.prototype.getSettings.call(track), deviceId: name });
      given.push(track);
    }
    return opened;
  };

  const made: VirtualDevices = {
    set(video, audio) {
      all = listOf(video, audio);
      made.change();
    },
    plug(kind, name) {
      all = [...all, { kind, name }];
      made.change();
    },
    unplug(name) {
      all = all.filter((device) => device.name !== name);
      made.change();
    },
    change: () => void mediaDevices.dispatchEvent(new Event('devicechange')),
    broken: [],
    instead: new Map(),
    asked: [],
    live: () => given.filter(({ readyState }) => readyState === 'live').length,
    restore() {
      // Those of the prototype are the browser's own.
      Reflect.deleteProperty(mediaDevices, 'enumerateDevices');
      Reflect.deleteProperty(mediaDevices, 'getUserMedia');
    },
  };
  return made;
}
