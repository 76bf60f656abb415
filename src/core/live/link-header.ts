/** One link of a `Link` header: RFC 8288. Names of parameters are in lower case; of one that is repeated the first counts. */
export interface Link {
  /** As it is written; relative to the response. */
  readonly target: string;
  readonly params: ReadonlyMap<string, string>;
}

/** A name, and the value that may follow it: quoted, where anything may be escaped, or a token. */
const PARAM = /^;\s*([^\s"(),/:;<=>?@[\\\]{}]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",;]*)))?\s*/;

/**
 * Reads a `Link` header by its grammar: what is quoted may hold ";", "," and escaped quotes, and several headers come as one
 * with commas between them. From the first place that is no link on, what was understood is kept.
 */
export function parseLinks(header: string): Link[] {
  const links: Link[] = [];
  let rest = header;
  for (;;) {
    rest = rest.replace(/^[\s,]+/, '');
    const target = /^<([^>]*)>\s*/.exec(rest);
    if (!target) return links;
    rest = rest.slice(target[0].length);
    const params = new Map<string, string>();
    for (let param = PARAM.exec(rest); param; param = PARAM.exec(rest)) {
      rest = rest.slice(param[0].length).replace(/^(;\s*)+(?=,|$)/, '');
      const [, name = '', quoted, token = ''] = param;
      const key = name.toLowerCase();
      if (!params.has(key)) params.set(key, quoted?.replace(/\\(.)/g, '$1') ?? token);
    }
    links.push({ target: target[1]!.trim(), params });
    if (rest && !rest.startsWith(',')) return links;
  }
}

/** What a `Link` header says of STUN and TURN; links of any other kind are none of ours. */
export function iceServersIn(header: string | null): RTCIceServer[] {
  return parseLinks(header ?? '')
    .filter(({ params }) => params.get('rel')?.toLowerCase().split(/\s+/).includes('ice-server'))
    .filter(({ target }) => /^(stun|turn)s?:/i.test(target))
    .map(({ target, params }) => {
      const [username, credential] = [params.get('username'), params.get('credential')];
      // Browsers refuse the configuration as a whole for a TURN server without both.
      return username === undefined || credential === undefined
        ? { urls: target }
        : { urls: target, username, credential };
    })
    .filter(({ urls, ...rest }) => !/^turn/i.test(urls) || 'credential' in rest);
}
