/** Calls `onReturn` when the network or the page is back, where there is one; returns the function that ends it. */
export function watchPage(onReturn: () => void): () => void {
  const scope = globalThis as Partial<EventTarget & { document: Document }>;
  const page = scope.document;
  const onVisible = () => page?.visibilityState === 'visible' && onReturn();
  const events = [
    [scope, 'online', onReturn],
    [scope, 'pageshow', onReturn],
    [page, 'visibilitychange', onVisible],
    [page, 'resume', onReturn],
  ] as const;
  for (const [target, type, listener] of events) target?.addEventListener?.(type, listener);
  return () => {
    for (const [target, type, listener] of events) target?.removeEventListener?.(type, listener);
  };
}
