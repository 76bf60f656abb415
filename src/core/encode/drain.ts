/** Seconds without anything coming out after which an encoder that was told to give all is no longer waited for. */
const PATIENCE = 3;

/**
 * Waits for a flush as long as anything comes out. Hung drivers never settle it; a take then ends with what there is.
 * @param count how much has come out
 */
export async function drain(flush: Promise<void>, count: () => number): Promise<void> {
  let over = false;
  const flushed = flush
    .catch(() => {})
    .then(() => {
      over = true;
    });
  for (let before = -1; !over && count() > before;) {
    before = count();
    let timer: ReturnType<typeof setTimeout> | undefined;
    await Promise.race([flushed, new Promise<void>((resolve) => (timer = setTimeout(resolve, PATIENCE * 1000)))]);
    clearTimeout(timer);
  }
}
