/** Permissions-Policy and Permissions API names of what can be captured. */
export type CaptureFeature = 'camera' | 'microphone' | 'display-capture';

/** The browser as capture sees it; tests put another in its place. */
export interface CapturePlatform {
  /** Null where there is none: insecure pages, old browsers. */
  readonly mediaDevices:
    (Pick<MediaDevices, 'getUserMedia' | 'enumerateDevices'> & Partial<Pick<MediaDevices, 'getDisplayMedia'>>) | null;
  readonly secure: boolean;
  /** What the person decided so far; null where the browser does not tell. */
  permission(feature: CaptureFeature): Promise<PermissionState | null>;
  /** False only when a policy is known to forbid it. */
  allows(feature: CaptureFeature): boolean;
  createStream(tracks: readonly MediaStreamTrack[]): MediaStream;
}

interface FeaturePolicy {
  allowsFeature(feature: string): boolean;
  features(): string[];
}

/** The browser itself. Nothing is touched before a member is used. */
export const browserPlatform: CapturePlatform = {
  get mediaDevices() {
    return typeof navigator === 'undefined' ? null : (navigator.mediaDevices ?? null);
  },
  get secure() {
    return globalThis.isSecureContext === true;
  },
  async permission(feature) {
    try {
      const status = await navigator.permissions.query({ name: feature as PermissionName });
      return status.state;
    } catch {
      return null; // No Permissions API, or it does not know this name.
    }
  },
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
};
