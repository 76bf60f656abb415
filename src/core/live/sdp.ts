/** What is said of ICE in a part of a description: RFC 8840. */
export interface IceFragment {
  readonly ufrag: string;
  readonly pwd: string;
  /** As in SDP: `candidate:…`. */
  readonly candidates: readonly string[];
}

const EOL = '\r\n';
const lines = (sdp: string): string[] => sdp.split(/\r?\n/).filter((line) => line !== '');

/** The lines before the first medium, and those of each. */
function sections(sdp: string): string[][] {
  const parts: string[][] = [[]];
  for (const line of lines(sdp)) {
    if (line.startsWith('m=')) parts.push([]);
    parts.at(-1)!.push(line);
  }
  return parts;
}

const join = (parts: readonly (readonly string[])[]): string => parts.flat().join(EOL) + EOL;

/** The first `a=<name>:<value>`; undefined where there is none. */
const attribute = (part: readonly string[], name: string): string | undefined =>
  part.find((line) => line.startsWith(`a=${name}:`))?.slice(name.length + 3);

/** The ICE user fragment of a description; empty where there is none. */
export const ufragOf = (sdp: string): string => attribute(lines(sdp), 'ice-ufrag') ?? '';

/**
 * The body of a PATCH: candidates of the first medium, which all the others are bundled with.
 * @param last whether no more will come
 */
export function writeFragment(sdp: string, candidates: readonly string[], last: boolean): string {
  const [session = [], medium = []] = sections(sdp);
  const either = (name: string) => attribute(medium, name) ?? attribute(session, name);
  const group = attribute(session, 'group');
  return join([
    group === undefined ? [] : [`a=group:${group}`],
    medium.slice(0, 1),
    [`a=mid:${attribute(medium, 'mid') ?? '0'}`],
    [`a=ice-ufrag:${either('ice-ufrag') ?? ''}`, `a=ice-pwd:${either('ice-pwd') ?? ''}`],
    candidates.map((candidate) => `a=${candidate}`),
    last ? ['a=end-of-candidates'] : [],
  ]);
}

/** Reads the answer to a restart; null for what is none. */
export function readFragment(text: string): IceFragment | null {
  const all = lines(text);
  const [ufrag, pwd] = [attribute(all, 'ice-ufrag'), attribute(all, 'ice-pwd')];
  if (!ufrag || !pwd) return null;
  const candidates = all.filter((line) => line.startsWith('a=candidate:')).map((line) => line.slice(2));
  return { ufrag, pwd, candidates: [...new Set(candidates)] };
}

const OF_ICE = /^a=(ice-ufrag|ice-pwd|candidate|end-of-candidates)(:|$)/;

/** The last answer with other ICE in it: nothing of the earlier candidates is left. */
export function restarted(answer: string, { ufrag, pwd, candidates }: IceFragment): string {
  const [session = [], ...media] = sections(answer).map((part) => part.filter((line) => !OF_ICE.test(line)));
  const found = candidates.map((candidate) => `a=${candidate}`);
  return join([
    session,
    ...media.map((part, index) => [...part, `a=ice-ufrag:${ufrag}`, `a=ice-pwd:${pwd}`, ...(index === 0 ? found : [])]),
  ]);
}

/** An offer as it is sent: no medium falls back to RTCP of its own (RFC 8858). */
export const muxed = (offer: string): string =>
  join(
    sections(offer).map((part) =>
      part.includes('a=rtcp-mux-only')
        ? part
        : part.flatMap((line) => (line === 'a=rtcp-mux' ? [line, 'a=rtcp-mux-only'] : [line])),
    ),
  );

export interface AnswerTuning {
  /** Bits per second at which the picture begins; null leaves it to the browser (300 kbit/s in Chromium). */
  readonly startBitrate: number | null;
  /** Whether Opus sends what repairs lost packets. */
  readonly fec: boolean;
  /** Whether Opus sends nothing while there is silence. */
  readonly dtx: boolean;
}

/** The server's answer as it is handed to the browser, which takes from it how to send. */
export function tuned(answer: string, { startBitrate, fec, dtx }: AnswerTuning): string {
  const sound = [`useinbandfec=${Number(fec)}`, `usedtx=${Number(dtx)}`];
  return join(
    sections(answer).map((part) => {
      const head = part[0] ?? '';
      if (startBitrate !== null && head.startsWith('m=video'))
        return withParameters(part, /^(?!rtx|red|ulpfec|flexfec)/i, [
          `x-google-start-bitrate=${Math.round(startBitrate / 1000)}`,
        ]);
      return head.startsWith('m=audio') ? withParameters(part, /^opus\//i, sound) : part;
    }),
  );
}

/** Adds parameters to the codecs whose names fit; those of the same name are replaced. */
function withParameters(part: readonly string[], codec: RegExp, parameters: readonly string[]): string[] {
  const names = parameters.map((parameter) => parameter.split('=')[0]!);
  const told = (what: string, type: string) => {
    const start = `a=${what}:${type} `;
    return part.find((line) => line.startsWith(start))?.slice(start.length);
  };
  return part.flatMap((line) => {
    const [, what, type = ''] = /^a=(rtpmap|fmtp):(\d+) /.exec(line) ?? [];
    const name = told('rtpmap', type);
    if (!name || !codec.test(name)) return [line];
    if (what === 'fmtp') return [];
    const kept = (told('fmtp', type) ?? '')
      .split(';')
      .map((parameter) => parameter.trim())
      .filter((parameter) => parameter !== '' && !names.includes(parameter.split('=')[0]!));
    return [line, `a=fmtp:${type} ${[...kept, ...parameters].join(';')}`];
  });
}
