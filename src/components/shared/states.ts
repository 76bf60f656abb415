/**
 * Sets which of `all` hold, for `:state(...)` in style sheets. Engines that refuse (no `states`, or, before the syntax
 * was settled, names without dashes) go without; the `state` property tells the same.
 */
export function setStates(
  internals: ElementInternals | null,
  all: readonly string[],
  holding: readonly string[],
): void {
  if (!internals || !('states' in internals)) return;
  const { states } = internals;
  for (const name of all) {
    try {
      if (holding.includes(name)) states.add(name);
      else states.delete(name);
    } catch {
      return;
    }
  }
}
