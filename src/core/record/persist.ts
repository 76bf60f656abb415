/**
 * Asks the browser to keep recordings when space runs short. Chromium decides by itself, Firefox asks the person, and
 * may be answered late or never: nothing waits for it.
 */
export function askToPersist(): void {
  void navigator.storage?.persist?.().catch(() => {});
}
