import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { onMessagesChange } from '../../core/messages.js';

/** The `lang` that an element is under, through shadow roots; English where nobody says. */
export function nearestLang(element: Element): string {
  let from: Element | null = element;
  while (from) {
    const lang = from.closest('[lang]')?.getAttribute('lang');
    if (lang) return lang;
    const root: Node = from.getRootNode();
    from = root instanceof ShadowRoot ? root.host : null;
  }
  return 'en';
}

const followers = new Set<() => void>();
const followAll = () => followers.forEach((follow) => follow());
let stop: (() => void) | null = null;

/** One observer for all elements, and only while there are any. */
function follow(changed: () => void): void {
  followers.add(changed);
  if (stop) return;
  const observer = new MutationObserver(followAll);
  observer.observe(document, { subtree: true, attributeFilter: ['lang'] });
  const unsubscribe = onMessagesChange(followAll);
  stop = () => {
    observer.disconnect();
    unsubscribe();
    stop = null;
  };
}

function unfollow(changed: () => void): void {
  followers.delete(changed);
  if (followers.size === 0) stop?.();
}

/** Renders its element again when the nearest `lang` or the sentences change. */
export class LangController implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;

  constructor(host: ReactiveControllerHost & HTMLElement) {
    this.#host = host;
    host.addController(this);
  }

  get value(): string {
    return nearestLang(this.#host);
  }

  hostConnected(): void {
    follow(this.#changed);
    this.#changed();
  }

  hostDisconnected(): void {
    unfollow(this.#changed);
  }

  #changed = (): void => this.#host.requestUpdate();
}
