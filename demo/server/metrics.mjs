/**
 * Collects what perf meters push to their `export-url`, and serves all of it, with what the server tells of itself, as one
 * OpenMetrics text, which a Prometheus can scrape. Everything is in memory, and bounded: an example of what a server has to
 * do, and not a gateway.
 */
import { OWN_PREFIX } from './figures.mjs';

/** @typedef {import('./server.mjs').Handler} Handler */
/** @typedef {{ type: string, heads: Map<string, string>, samples: string[] }} Family */
/** @typedef {{ session: string, families: Map<string, Family> }} Push */

const CONTENT_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/** Bytes of a push: what browsers send for a page that goes is bounded by as many. */
const MOST_BYTES = 64 * 1024;

/** What the names of samples end in, by the type of their family. */
const SUFFIXES = new Map([
  ['gauge', ['']],
  ['counter', ['_total']],
  ['histogram', ['_bucket', '_count', '_sum']],
]);

// Names that begin with __ are Prometheus's own.
const LABEL = String.raw`((?!__)[a-zA-Z_]\w*)="((?:[^"\\]|\\["\\n])*)"`;
const HEAD = /^# (TYPE|UNIT|HELP) ([a-zA-Z_:][\w:]*) ((?:[^\\]|\\["\\n])+)$/;
const LABELS = new RegExp(LABEL, 'g');
const SAMPLE = new RegExp(
  String.raw`^(?<name>[a-zA-Z_:][\w:]*)\{(?<pairs>${LABEL}(?:,${LABEL})*)\} (?:NaN|[+-]Inf|[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$`,
);

/**
 * Reads a push strictly: one that is wrong would make all of `/metrics` unreadable.
 * @param {string} text
 * @returns {Push | null} null where it is no OpenMetrics text, where a sample does not tell the session of all others, or
 *   where a family is the server's own
 */
export function readPush(text) {
  if (!text.endsWith('\n# EOF\n') || /[\0\r]/.test(text)) return null;
  const families = /** @type {Push['families']} */ (new Map());
  const series = new Set();
  const sessions = new Set();
  let [current, family] = ['', /** @type {Family | null} */ (null)];
  for (const line of text.split('\n').slice(0, -2)) {
    const [, kind, of, told] = HEAD.exec(line) ?? [];
    if (kind) {
      if (of !== current) {
        if (families.has(of) || of.startsWith(OWN_PREFIX)) return null;
        families.set((current = of), (family = { type: '', heads: new Map(), samples: [] }));
      }
      if (!family || family.heads.has(kind) || family.samples.length > 0) return null;
      family.heads.set(kind, line);
      if (kind === 'TYPE') family.type = told;
      if (kind === 'UNIT' && !of.endsWith(`_${told}`)) return null;
      continue;
    }
    const { name = '', pairs = '' } = SAMPLE.exec(line)?.groups ?? {};
    const labels = [...pairs.matchAll(LABELS)].map(([, label, value]) => [label, value]).sort();
    const key = `${name} ${JSON.stringify(labels)}`;
    const values = new Map(/** @type {[string, string][]} */ (labels));
    const suffixes = SUFFIXES.get(family?.type ?? '');
    if (!family || !suffixes?.some((suffix) => name === current + suffix)) return null;
    if (series.has(key) || values.size < labels.length) return null;
    series.add(key);
    sessions.add(values.get('session'));
    family.samples.push(line);
  }
  const [session] = sessions;
  return session && sessions.size === 1 ? { session, families } : null;
}

/**
 * One text of several: a family is told once, in one piece, with the samples of all.
 * @param {Iterable<Pick<Push, 'families'>>} pushes
 */
export function joinPushes(pushes) {
  const all = /** @type {Push['families']} */ (new Map());
  for (const { families } of pushes)
    for (const [name, { type, heads, samples }] of families) {
      const family = all.get(name) ?? { type, heads, samples: [] };
      all.set(name, family);
      // Of two versions of a page that do not agree, the one that came first is told.
      if (family.type === type) family.samples.push(...samples);
    }
  const lines = [...all.values()].flatMap(({ heads, samples }) => [...heads.values(), ...samples]);
  return [...lines, '# EOF', ''].join('\n');
}

/**
 * The two routes: where pages push to, and where Prometheus scrapes. The samples of a page carry its `session`; the last
 * push of each is kept.
 * @param {{ most?: number, maxAge?: number, now?: () => number, own?: () => Push['families'] }} [options] sessions that are
 *   kept (default 100), the oldest go first; seconds after which one that was not heard of goes (default 300, after which
 *   Prometheus counts a series as stale, too); milliseconds since 1970; what the server tells of itself (default nothing)
 * @returns {Record<'/metrics' | '/metrics/push', Handler>}
 */
export function metricsRoutes({ most = 100, maxAge = 300, now = Date.now, own = () => new Map() } = {}) {
  /** By session, the one that was heard of last at the end. @type {Map<string, Push & { at: number }>} */
  const kept = new Map();
  const forget = () => {
    for (const [session, { at }] of kept) if (kept.size > most || now() - at > maxAge * 1000) kept.delete(session);
  };
  return {
    '/metrics/push': async (request, response) => {
      if (request.method !== 'POST') return void response.writeHead(405, { Allow: 'POST' }).end();
      // No page of another origin can send this type without being allowed to.
      if (!request.headers['content-type']?.startsWith('application/openmetrics-text'))
        return void response.writeHead(415).end();
      const text = await bodyOf(request);
      if (text === null) return void response.writeHead(413).end();
      const push = readPush(text);
      if (!push) return void response.writeHead(400).end();
      kept.delete(push.session);
      kept.set(push.session, { ...push, at: now() });
      forget();
      response.writeHead(204).end();
    },
    '/metrics': (request, response) => {
      if (request.method !== 'GET' && request.method !== 'HEAD')
        return void response.writeHead(405, { Allow: 'GET, HEAD' }).end();
      forget();
      response.setHeader('Content-Type', CONTENT_TYPE).end(joinPushes([{ families: own() }, ...kept.values()]));
    },
  };
}

/** @param {import('node:http').IncomingMessage} request @returns {Promise<string | null>} null where it is too large */
async function bodyOf(request) {
  const chunks = [];
  let size = 0;
  // Read to its end in any case: whoever is still sending hears no answer.
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= MOST_BYTES) chunks.push(chunk);
  }
  return size <= MOST_BYTES ? Buffer.concat(chunks).toString() : null;
}
