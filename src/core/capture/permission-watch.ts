import type { CaptureFeature, CapturePlatform } from './platform.js';

/** Follows what a person decides in the settings of the browser, where the browser tells. */
export class PermissionWatch {
  readonly #statuses = new Map<CaptureFeature, PermissionStatus>();
  /** Resolves when it is watched, or cannot be. */
  readonly ready: Promise<void>;

  /**
   * @param changed called after each change
   * @param signal ends it
   */
  constructor(
    platform: CapturePlatform,
    features: readonly CaptureFeature[],
    changed: (feature: CaptureFeature, state: PermissionState) => void,
    signal: AbortSignal,
  ) {
    const watch = async (feature: CaptureFeature) => {
      const status = await platform.permissionStatus?.(feature).catch(() => null);
      if (!status || signal.aborted) return;
      this.#statuses.set(feature, status);
      status.addEventListener('change', () => changed(feature, status.state), { signal });
    };
    this.ready = Promise.all(features.map(watch)).then(() => {});
  }

  /** What is known now; null where it is not told. */
  state(feature: CaptureFeature): PermissionState | null {
    return this.#statuses.get(feature)?.state ?? null;
  }
}
