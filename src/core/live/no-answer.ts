import { liveFault } from './live-faults.js';
import { WhipFault } from './whip-fault.js';

/** What was asked when nothing came back that the page may see. */
export interface Unanswered {
  readonly url: string;
  readonly method: 'POST' | 'PATCH' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly cause: unknown;
  readonly fetch: typeof fetch;
}

/**
 * Finds out why a request has no answer. To a page, a server that is down, one that does not allow it, and a policy that stops
 * it look the same; further requests tell them apart, and which header is missing as far as a page can know.
 */
export async function whyNoAnswer(asked: Unanswered): Promise<WhipFault> {
  const { url, cause } = asked;
  const page = globalThis as { location?: Location; document?: Document };
  if (page.location?.protocol === 'https:' && /^http:\/\/(?!localhost[:/]|127\.|\[::1\])/.test(url))
    return new WhipFault(liveFault('connection-blocked', { key: 'connection-blocked.mixed', cause }));
  let blocked = false;
  const hear = ({ effectiveDirective }: SecurityPolicyViolationEvent) =>
    (blocked ||= effectiveDirective === 'connect-src');
  page.document?.addEventListener('securitypolicyviolation', hear);
  const header = await missingHeader(asked);
  page.document?.removeEventListener('securitypolicyviolation', hear);
  if (blocked) return new WhipFault(liveFault('connection-blocked', { cause }));
  return new WhipFault(header ? liveFault('cors', { values: { header }, cause }) : liveFault('unreachable', { cause }));
}

/** The header that the server lacks, with what it has to hold; null when it does not answer at all. */
async function missingHeader({ url, method, headers, fetch }: Unanswered): Promise<string | null> {
  const answers = (init: RequestInit) =>
    fetch(url, { cache: 'no-store', credentials: 'omit', signal: AbortSignal.timeout(3000), ...init }).then(
      () => true,
      () => false,
    );
  const reached = await answers({ mode: 'no-cors' });
  // What a policy forbids is told by an event, in a task of its own.
  await new Promise((resolve) => setTimeout(resolve));
  if (!reached || new URL(url).origin === globalThis.location?.origin) return null;
  if (!(await answers({}))) return 'Access-Control-Allow-Origin';
  // A header that is not allowed fails with any method; what is left is the method.
  const names = Object.keys(headers);
  const allowed = await Promise.all(names.map((name) => answers({ headers: { [name]: headers[name]! } })));
  const missing = names.filter((_, index) => !allowed[index]);
  return missing.length > 0
    ? `Access-Control-Allow-Headers: ${missing.join(', ')}`
    : `Access-Control-Allow-Methods: ${method}`;
}
