import { fault } from './faults.js';

export type WorkletName = 'pcm';

const sources: Record<WorkletName, { url(): URL; text(): Promise<string> }> = {
  pcm: {
    url: () => new URL('../worklets/pcm.worklet.js', import.meta.url),
    text: async () => (await import('../worklets/pcm.worklet.text.js')).default,
  },
};

/**
 * Adds a worklet to a context by the first way that works: the file beside this module, a Blob, a data: URL. Every
 * failure of a worklet is the same bare AbortError, so the ladder is climbed whatever it was.
 * @throws OnAirError `worker-blocked`
 */
export async function loadWorklet(context: BaseAudioContext, name: WorkletName): Promise<void> {
  const { url, text } = sources[name];
  const rungs: (() => Promise<void>)[] = [
    () => context.audioWorklet.addModule(url()),
    async () => {
      const blob = URL.createObjectURL(new Blob([await text()], { type: 'text/javascript' }));
      await context.audioWorklet.addModule(blob).finally(() => URL.revokeObjectURL(blob));
    },
    async () => context.audioWorklet.addModule(`data:text/javascript,${encodeURIComponent(await text())}`),
  ];
  let cause: unknown;
  for (const rung of rungs) {
    try {
      return await rung();
    } catch (thrown) {
      cause = thrown;
    }
  }
  throw fault('worker-blocked', {}, { cause });
}
