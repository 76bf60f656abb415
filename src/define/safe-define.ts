/**
 * Registers an element. Nothing happens where there is no registry (Node), or where the name is taken: by an earlier
 * load of this package, or by another version of it, which stays in charge.
 */
export function safeDefine(name: string, element: CustomElementConstructor): void {
  const registry = globalThis.customElements as CustomElementRegistry | undefined;
  if (!registry || registry.get(name)) return;
  registry.define(name, element);
}
