/** What counts as a gesture for sound in every engine. */
const GESTURES = ['pointerup', 'touchend', 'keydown', 'click'] as const;

/** Seconds after which a context that does not run is held back. */
const GRACE = 0.5;

/** Calls `act` in each gesture of the page, until the function that it returns is called. */
export function onGesture(act: () => void): () => void {
  for (const type of GESTURES) document.addEventListener(type, act, { capture: true, passive: true });
  return () => GESTURES.forEach((type) => document.removeEventListener(type, act, { capture: true }));
}

/** Resolves when the context runs, or when it has become plain that it may not. */
export function running(context: BaseAudioContext): Promise<void> {
  return new Promise((resolve) => {
    const over = () => {
      if (context.state !== 'running' && performance.now() < deadline) return;
      clearTimeout(late);
      context.removeEventListener('statechange', over);
      resolve();
    };
    const deadline = performance.now() + GRACE * 1000;
    const late = setTimeout(over, GRACE * 1000 + 1);
    context.addEventListener('statechange', over);
    over();
  });
}
