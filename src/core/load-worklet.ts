import { fault } from './faults.js';

export type WorkletName = 'pcm' | 'level';

// Only the literal forms are understood by bundlers, so they may not be factored out.
const sources: Record<WorkletName, { url(): URL; text(): Promise<string> }> = {
  pcm: {
    url: () => new URL('../worklets/pcm.worklet.js', import.meta.url),
    text: async () => (await import('../worklets/pcm.worklet.text.js')).default,
  },
  level: {
    url: () => new URL('../worklets/level.worklet.js', import.meta.url),
    text: async () => (await import('../worklets/level.worklet.text.js')).default,
  },
};

let urls: { readonly [N in WorkletName]?: string | URL | undefined } = {};
const loading = new WeakMap<BaseAudioContext, Partial<Record<WorkletName, Promise<void>>>>();

/** Where worklet files lie, for pages that keep them elsewhere than beside the script. For contexts that load them later. */
export function configureWorklets(files: { [N in WorkletName]?: string | URL | undefined }): void {
  urls = { ...urls, ...files };
}

/**
 * Adds a worklet to a context, once, by the first way that works: an address that the page has named, the file beside this
 * module, a Blob, a data: URL. Every failure of a worklet is the same bare AbortError, so the ladder is climbed whatever it
 * was.
 * @throws OnAirError `worker-blocked`
 */
export function loadWorklet(context: BaseAudioContext, name: WorkletName): Promise<void> {
  const known = loading.get(context) ?? {};
  loading.set(context, known);
  const promise = (known[name] ??= climb(context, name));
  promise.catch(() => delete known[name]);
  return promise;
}

async function climb(context: BaseAudioContext, name: WorkletName): Promise<void> {
  const { url, text } = sources[name];
  const named = urls[name];
  const add = (file: string | URL) => context.audioWorklet.addModule(file);
  const rungs: (() => Promise<void>)[] = [
    ...(named ? [() => add(named)] : []),
    () => add(url()),
    async () => {
      const blob = URL.createObjectURL(new Blob([await text()], { type: 'text/javascript' }));
      await add(blob).finally(() => URL.revokeObjectURL(blob));
    },
    async () => add(`data:text/javascript,${encodeURIComponent(await text())}`),
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
