import { waitUntil as until } from '@open-wc/testing';

/** Resolves when it holds. The second that Open WC gives it is a matter of luck on a machine that does other things, too. */
export const waitUntil: typeof until = (holds, what, options) => until(holds, what, { timeout: 20_000, ...options });
