/** SDP as WHIP and WHEP pass it: whole as offer and answer, in fragments (RFC 8840) when candidates trickle or ICE restarts. */

/** @param {string} sdp */
const linesOf = (sdp) => sdp.split(/\r?\n/).filter((line) => line !== '');

const attribute = (lines, name) => lines.find((line) => line.startsWith(`a=${name}:`))?.slice(name.length + 3);

const isCandidate = (line) => /^a=(candidate:|end-of-candidates)/.test(line);

/**
 * @typedef {object} Fragment
 * @property {string | undefined} ufrag
 * @property {string | undefined} pwd
 * @property {{ candidate: string, mid: string | undefined }[]} candidates
 * @property {boolean} complete no more candidates will come
 */

/**
 * What a fragment says, or null when it is none.
 * @param {string} text
 * @returns {Fragment | null}
 */
export function parseFragment(text) {
  const lines = linesOf(text);
  if (lines.length === 0 || lines.some((line) => !/^[a-z]=/.test(line))) return null;
  let mid;
  const candidates = [];
  for (const line of lines) {
    if (line.startsWith('m=')) mid = undefined;
    else if (line.startsWith('a=mid:')) mid = line.slice('a=mid:'.length);
    else if (line.startsWith('a=candidate:')) candidates.push({ candidate: line.slice(2), mid });
  }
  return {
    ufrag: attribute(lines, 'ice-ufrag'),
    pwd: attribute(lines, 'ice-pwd'),
    candidates,
    complete: lines.includes('a=end-of-candidates'),
  };
}

/** The fragment that answers a restart: the ICE part of an answer. Everything is bundled, so the first section says it all. */
export function fragmentOf(sdp) {
  const lines = linesOf(sdp);
  const first = lines.findIndex((line) => line.startsWith('m='));
  const next = lines.findIndex((line, index) => index > first && line.startsWith('m='));
  const section = lines.slice(first, next < 0 ? undefined : next);
  return `${[
    `a=ice-ufrag:${attribute(lines, 'ice-ufrag')}`,
    `a=ice-pwd:${attribute(lines, 'ice-pwd')}`,
    section[0],
    `a=mid:${attribute(section, 'mid')}`,
    ...section.filter(isCandidate),
  ].join('\r\n')}\r\n`;
}

/** An offer as it would read after an ICE restart: other credentials, and only the candidates of the fragment. */
export function restarted(offer, { ufrag, pwd, candidates }) {
  let first = true;
  const lines = linesOf(offer).flatMap((line) => {
    if (isCandidate(line)) return [];
    if (line.startsWith('a=ice-ufrag:')) return [`a=ice-ufrag:${ufrag}`];
    if (!line.startsWith('a=ice-pwd:')) return [line];
    const added = first ? candidates.map(({ candidate }) => `a=${candidate}`) : [];
    first = false;
    return [`a=ice-pwd:${pwd}`, ...added];
  });
  return `${lines.join('\r\n')}\r\n`;
}

export const ufragOf = (sdp) => attribute(linesOf(sdp), 'ice-ufrag');

/**
 * Why an offer cannot be answered, in words; null when it can (RFC 9725, sections 4.4 and 4.5).
 * @param {string} sdp
 * @param {'sendonly' | 'recvonly'} direction what the client has to offer
 */
export function faultOf(sdp, direction) {
  const lines = linesOf(sdp);
  if (lines[0] !== 'v=0' || !ufragOf(sdp)) return 'This is no offer.';
  const sections = sdp.split(/^(?=m=)/m).slice(1);
  const kinds = sections.map((section) => section.slice(2).split(' ', 1)[0]);
  if (kinds.length === 0) return 'The offer has no media.';
  if (kinds.some((kind) => kind !== 'audio' && kind !== 'video')) return 'Only audio and video are taken.';
  if (new Set(kinds).size < kinds.length) return 'At most one track of sound and one of picture are taken.';
  if (sections.length > 1 && !/^a=group:BUNDLE /m.test(sdp)) return 'The media have to be bundled.';
  if (sections.some((section) => !/^a=rtcp-mux\r?$/m.test(section))) return 'RTCP has to be multiplexed.';
  const other = direction === 'sendonly' ? /^a=(recvonly|inactive)\r?$/m : /^a=(sendonly|inactive)\r?$/m;
  if (sections.some((section) => other.test(section))) return `The media have to be ${direction}.`;
  return null;
}
