import type { OnAirError } from '../errors.js';
import { faultsOf } from './live-faults.js';

const fault = faultsOf({
  unauthorized: 'The server does not accept the token. Get a new one, then try again.',
  'unauthorized.missing': 'The server asks for a token. Give one, then try again.',
  'in-use':
    'The server lets nobody publish there now ({status}). Check who else is live and whether you may, then try again.',
  'server-busy': 'The server is busy ({status}). Try again in a moment.',
  'server-failed': 'The server has failed ({status}). Try again; if it stays so, its owner has to look.',
  'publish-refused': 'The server refuses the broadcast ({status}). Check the address.',
  'publish-refused.answer': 'What answers is no server for broadcasts (WHIP). Check the address.',
  'publish-refused.moved':
    'The address has moved and the server does not take the broadcast along. Ask its owner for the new one.',
});

type Refusal = Parameters<typeof fault>[0];

/** An unknown status counts as the first of its class. */
const KEYS: Readonly<Record<number, Refusal>> = {
  401: 'unauthorized',
  403: 'in-use',
  409: 'in-use',
  429: 'server-busy',
  503: 'server-busy',
  500: 'server-failed',
};

/** What an answer means that does not grant what was asked for. */
export function refusalOf({ status, ok, redirected }: Response, hasToken: boolean): OnAirError {
  let key = KEYS[status] ?? (status >= 500 ? 'server-failed' : 'publish-refused');
  if (ok) key = 'publish-refused.answer';
  if (key === 'unauthorized' && !hasToken) key = 'unauthorized.missing';
  // A redirect by 301 or 302 turns a POST into a GET.
  if (key.startsWith('publish-refused') && redirected) key = 'publish-refused.moved';
  return fault(key, { values: { status }, ...(ok ? {} : { cause: `HTTP ${status}` }) });
}
