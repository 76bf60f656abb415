/** What counts as a gesture for sound in every engine. */
const GESTURES = ['pointerup', 'touchend', 'keydown', 'click'] as const;

/** Seconds after which a context that does not run is held back. */
const GRACE = 0.5;

/** Calls `act` in each gesture of the page, until the function that it returns is called. */
export function onGesture(act: () => void): () => void {
  for (const type of GESTURES) document.addEventListener(type, act, { capture: true, passive: true });
  return () => GESTURES.forEach((type) => document.removeEventListener(type, act, { capture: true }));
}

/**
 * Resumes a context now and in each gesture of the page until it runs, and again whenever it is held back.
 * @param told called when it has become plain that it is held back, and when it no longer is
 */
export function keepRunning(
  context: AudioContext,
  told: (suspended: boolean) => void,
): { settled: Promise<void>; close(): void } {
  let suspended = false;
  let closed = false;
  const resume = () => void context.resume().catch(() => {});
  let forgetGesture = onGesture(resume);
  const follow = () => {
    const held = context.state !== 'running';
    if (held === suspended) return;
    suspended = held;
    forgetGesture();
    if (held) forgetGesture = onGesture(resume);
    told(held);
  };
  const settled = running(context).then(() => {
    if (closed) return;
    if (context.state === 'running') forgetGesture();
    context.addEventListener('statechange', follow);
    follow();
  });
  resume();
  const close = () => {
    closed = true;
    forgetGesture();
    context.removeEventListener('statechange', follow);
  };
  return { settled, close };
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
