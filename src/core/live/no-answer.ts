import { faultsOf, liveFault } from './live-faults.js';
import { isNear } from './sane.js';
import { WhipFault } from './whip-fault.js';

/** What was asked when nothing came back that the page may see. */
export interface Unanswered {
  readonly url: string;
  readonly method: 'POST' | 'PATCH' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly cause: unknown;
  readonly fetch: typeof fetch;
}

const fault = faultsOf({
  cors: 'The server answers, but its answer lacks a header that lets this page publish: {header}. Its owner has to add it.',
  'cors.session':
    'The server lets this page publish, but not see to its session from then on: its answer lacks a header, {header}. Its owner has to add it.',
  'connection-blocked':
    'The security policy of this page stops the connection. Its owner has to add the server to connect-src.',
  'connection-blocked.mixed': 'A secure page cannot publish to an insecure address. Use one that begins with https.',
});

/** What a page may not read of an answer. */
export const unseen = (): WhipFault =>
  new WhipFault(fault('cors.session', { values: { header: 'Location, or Access-Control-Expose-Headers: Location' } }));

/**
 * Finds out why a request has no answer. To a page, a server that is down, one that does not allow it, and a policy that stops
 * it look the same; further requests tell them apart, and which header is missing as far as a page can know.
 */
export async function whyNoAnswer(asked: Unanswered): Promise<WhipFault> {
  const { url, method, cause } = asked;
  const page = globalThis as { location?: Location; document?: Document };
  if (page.location?.protocol === 'https:' && url.startsWith('http:') && !isNear(url))
    return new WhipFault(fault('connection-blocked.mixed', { cause }));
  let blocked = false;
  const hear = ({ effectiveDirective }: SecurityPolicyViolationEvent) =>
    (blocked ||= effectiveDirective === 'connect-src');
  page.document?.addEventListener('securitypolicyviolation', hear);
  const header = await missingHeader(asked);
  page.document?.removeEventListener('securitypolicyviolation', hear);
  if (blocked) return new WhipFault(fault('connection-blocked', { cause }));
  if (!header) return new WhipFault(liveFault('unreachable', { cause }));
  return new WhipFault(fault(method === 'POST' ? 'cors' : 'cors.session', { values: { header }, cause }));
}

/** The header that the server lacks, with what it has to hold; null where it does not answer at all, or lacks none. */
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
  // A header that is not allowed fails with any method.
  const names = Object.keys(headers);
  const allowed = await Promise.all(names.map((name) => answers({ headers: { [name]: headers[name]! } })));
  const missing = names.filter((_, index) => !allowed[index]);
  if (missing.length > 0) return `Access-Control-Allow-Headers: ${missing.join(', ')}`;
  // Nobody has to allow a POST: the server was away for a moment. The others may be made again, and are asked for first.
  return method === 'POST' || (await answers({ method, headers })) ? null : `Access-Control-Allow-Methods: ${method}`;
}
