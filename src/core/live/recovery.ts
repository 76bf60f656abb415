import type { OnAirErrorCode } from '../errors.js';

/** What comes back and how fast: data and a function, so that a page can have others. Seconds, unless it says otherwise. */
export interface RecoveryPolicy {
  /** Without a report of the other side, while something is sent. Reports are 1.13 s apart at most. */
  silence: number;
  /** The same after something happened that ends connections: online again, another network, a page that wakes. */
  suspicion: number;
  /** Between two looks at the connection. */
  look: number;
  /** For an ICE restart to bring media back. */
  restart: number;
  /** For a new connection to come up. */
  connect: number;
  /**
   * For an answer of the server: at first, and at most. Once it was live three times of what the slowest attempt took, but not
   * less than the second, which is twice as long with each attempt.
   */
  request: readonly [number, number];
  /** For candidates, where they go with the offer. */
  gathering: number;
  /** For a connection to come up without candidates, where the server takes none after the offer. */
  untrickled: number;
  /** For the server to end the session before a new one, until it is done beside it. */
  deletion: number;
  /** Between the beginnings of two attempts; the last one stays. */
  delays: readonly number[];
  /** At most while the page is visible, */
  cap: number;
  /** and while it is hidden: it doubles up to that. */
  hiddenCap: number;
  /** Share of a delay, 0 to 1, that is taken off by chance, so that not all come back at once. */
  jitter: number;
  /** How often a start is tried that is not answered. */
  starts: number;
  /**
   * How often in a row an answer may be no: at a start, where somebody may still be there, and where it was yes before, about
   * a minute while the page is visible. Servers that start again know nobody, and others take half of that to forget.
   */
  refusals: readonly [number, number];
  /**
   * Decides by that. It is asked after each interruption, and may ask the function of the same name, which is asked, too, where
   * this one throws (that is reported), or restarts what is not `restartable`.
   */
  nextStep: (given: Situation, policy: RecoveryPolicy, random: () => number) => Step;
}

export const RECOVERY: Readonly<RecoveryPolicy> = Object.freeze({
  silence: 3,
  suspicion: 1.5,
  look: 0.5,
  restart: 2,
  connect: 6,
  request: Object.freeze([10, 3] as const),
  gathering: 2,
  untrickled: 1.5,
  deletion: 1,
  delays: Object.freeze([0, 0.3, 1.2, 2.7]),
  cap: 3,
  hiddenCap: 30,
  jitter: 0.2,
  starts: 4,
  refusals: Object.freeze([8, 28] as const),
  nextStep,
});

/**
 * What interrupts a broadcast: `silence`: no report for seconds. `disconnected`, `failed`: by the browser. `request`: the
 * server did not grant something. `no-route`: no connection came up. `restart`: ICE began anew in vain. `trickle`: the server
 * takes no candidates after the offer. `tracks`: sound or picture came that the server does not know of. `page`: it was left.
 */
export type Interruption =
  'silence' | 'disconnected' | 'failed' | 'request' | 'no-route' | 'restart' | 'trickle' | 'tracks' | 'page';

export interface Situation {
  readonly interruption: Interruption;
  /** Of the fault that was told: `in-use` of a `restart`, if the session was gone time and again soon after it was live. */
  readonly code: OnAirErrorCode;
  /** Of HTTP; 0 for no answer. */
  readonly status: number;
  /** Seconds that the server asks to wait; null where it does not. */
  readonly retryAfter: number | null;
  /** Whether there was no answer while the browser says that it has no network. */
  readonly offline: boolean;
  /** Whether a session of our own, that was not ended yet, may be in the way. */
  readonly owed: boolean;
  /** Whether this broadcast was live before. */
  readonly wasLive: boolean;
  /** Whether it was connected, there is a session in which ICE can begin anew, and that was not tried since it was live. */
  readonly restartable: boolean;
  /** How many attempts there were since it was live, or since the start. */
  readonly attempts: number;
  /** How many of them in a row ended like this. */
  readonly alike: number;
  /** Seconds since the last one began. */
  readonly elapsed: number;
  readonly visible: boolean;
}

export type Step =
  /** Only of what is `restartable`. */
  | { readonly do: 'restart' }
  /** `firm`: nothing shortens the wait. `gathered`: candidates go with the offer. */
  | { readonly do: 'publish'; readonly after: number; readonly firm: boolean; readonly gathered: boolean }
  | { readonly do: 'fail' };

/** What ICE may mend. */
const CUT: readonly Interruption[] = ['silence', 'disconnected', 'failed'];

/** Seconds after which a page that was left, and never came back, would begin again. */
const AWAY = 86_400;

/** What to do about it: ICE anew where that may do, a new session where not, later and later; or nothing any more. */
export function nextStep(given: Situation, policy: RecoveryPolicy, random: () => number): Step {
  const { interruption, restartable, retryAfter } = given;
  const gathered = interruption === 'trickle';
  const publish = (after: number, firm = false): Step => ({ do: 'publish', after, firm, gathered });
  if (interruption === 'page') return publish(AWAY);
  // A browser tells when the network is back, but it may be wrong; and whoever else publishes there comes back as soon as this one.
  if (given.offline || (interruption === 'restart' && given.code === 'in-use')) return publish(most(given, policy));
  if (restartable && CUT.includes(interruption)) return { do: 'restart' };
  if (isOver(given, policy)) return { do: 'fail' };
  // Who is asked to come back at once, or in the past, is not asked to wait.
  if (retryAfter) return publish(retryAfter, true);
  if (gathered || interruption === 'tracks' || interruption === 'restart') return publish(0);
  return publish(Math.max(0, delay(given, policy, random) - given.elapsed));
}

/** What stays so at a start, although no server has said it: without a status `unauthorized` is of who gives tokens. */
const FINAL: readonly OnAirErrorCode[] = ['cors', 'connection-blocked', 'unauthorized'];

function isOver(
  { interruption, code, status, retryAfter, owed, wasLive, attempts, alike }: Situation,
  { starts, refusals }: RecoveryPolicy,
) {
  // What comes of every other attempt may be something else: that the server takes no candidates, or is in use.
  if (interruption === 'no-route') return !wasLive && (alike >= starts / 2 || attempts >= starts);
  if (interruption !== 'request' || retryAfter) return false;
  // A server that is starting, or a way that is broken, says anything but no.
  if (status === 0 || status === 408 || status === 425 || status === 429 || status >= 500)
    return !wasLive && (attempts >= starts || FINAL.includes(code));
  // The one before may be ourselves: a page that was reloaded, or a broadcast that has just been stopped.
  return alike >= (wasLive ? refusals[1] : status === 409 || (status === 403 && owed) ? refusals[0] : 1);
}

const most = ({ visible }: Situation, { cap, hiddenCap }: RecoveryPolicy) => (visible ? cap : hiddenCap);

function delay(given: Situation, policy: RecoveryPolicy, random: () => number): number {
  const { attempts, visible } = given;
  const { delays, cap, jitter } = policy;
  const doubled = visible ? 1 : 2 ** Math.max(0, attempts - delays.length + 1);
  return Math.min((delays[attempts] ?? delays.at(-1) ?? cap) * doubled, most(given, policy)) * (1 - jitter * random());
}
