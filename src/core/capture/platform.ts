import { machineSignals, type MachineSignals } from './device-profile.js';

/** Permissions-Policy and Permissions API names of what can be captured. */
export type CaptureFeature = 'camera' | 'microphone' | 'display-capture';

/** The browser as capture sees it; tests put another in its place. */
export interface CapturePlatform {
  /** Null where there is none: insecure pages, old browsers. */
  readonly mediaDevices:
    | (Pick<MediaDevices, 'getUserMedia' | 'enumerateDevices'> &
        Partial<Pick<MediaDevices, 'getDisplayMedia' | 'addEventListener'>>)
    | null;
  readonly secure: boolean;
  /** What the person decided so far; null where the browser does not tell. */
  permission(feature: CaptureFeature): Promise<PermissionState | null>;
  /** The same to be watched; null, or missing, where it cannot be. */
  permissionStatus?(feature: CaptureFeature): Promise<PermissionStatus | null>;
  /** False only when a policy is known to forbid it. */
  allows(feature: CaptureFeature): boolean;
  createStream(tracks: readonly MediaStreamTrack[]): MediaStream;
  /** What the machine tells of itself. */
  readonly machine: MachineSignals;
  /** Where choices are kept; null where nothing can be. */
  readonly storage?: Pick<Storage, 'getItem' | 'setItem'> | null;
}

interface FeaturePolicy {
  allowsFeature(feature: string): boolean;
  features(): string[];
}

/** The browser itself. Nothing is touched before a member is used. */
export const browserPlatform: CapturePlatform = {
  get mediaDevices() {
    return (globalThis as { navigator?: Partial<Navigator> }).navigator?.mediaDevices ?? null;
  },
  get secure() {
    return globalThis.isSecureContext === true;
  },
  async permission(feature) {
    return (await query(feature))?.state ?? null;
  },
  permissionStatus: query,
  allows(feature) {
    if (typeof document === 'undefined') return true;
    const { permissionsPolicy, featurePolicy } = document as Document & {
      permissionsPolicy?: FeaturePolicy;
      featurePolicy?: FeaturePolicy;
    };
    const policy = permissionsPolicy ?? featurePolicy;
    return !policy || !policy.features().includes(feature) || policy.allowsFeature(feature);
  },
  createStream: (tracks) => new MediaStream([...tracks]),
  get machine() {
    return machineSignals();
  },
  get storage() {
    try {
      return localStorage;
    } catch {
      return null; // Blocked along with cookies, or a frame without an origin.
    }
  },
};

async function query(feature: CaptureFeature): Promise<PermissionStatus | null> {
  try {
    return await navigator.permissions.query({ name: feature as PermissionName });
  } catch {
    return null; // No Permissions API, or it does not know this name.
  }
}
