import type { PropertyDeclaration, ReactiveElement } from 'lit';

/**
 * Lit's decorators, without the half of them that is for standard ones: TypeScript is told to emit the older kind here.
 * It is a third of a kilobyte of what every page loads.
 */
type Decorator = (proto: ReactiveElement, name: PropertyKey) => void;

/** Applies them, in the place of TypeScript's own, which knows more kinds: the build puts it there. */
export const decorate = (decorators: readonly Decorator[], proto: ReactiveElement, name: PropertyKey): void => {
  for (const apply of decorators) {
    const own = apply(proto, name) as PropertyDescriptor | undefined;
    if (own) Object.defineProperty(proto, name, own);
  }
};

/** A property of an element that updates it, and its attribute: of the same name, in kebab case, unless it is given. */
export const property =
  (options: PropertyDeclaration = {}): Decorator =>
  (proto, name) => {
    const attribute = String(name).replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    (proto.constructor as typeof ReactiveElement).createProperty(name, { attribute, ...options });
    // That of an accessor calls the one that was written.
    return Object.getOwnPropertyDescriptor(proto, name);
  };

/** A property of an element's own that updates it. */
export const state = (): Decorator => property({ state: true, attribute: false });

/** What the selector finds in the shadow root, whenever it is read; null for nothing. */
export const query =
  (selector: string): Decorator =>
  () => ({
    get(this: ReactiveElement) {
      return (this.renderRoot as ParentNode | undefined)?.querySelector(selector) ?? null;
    },
  });
