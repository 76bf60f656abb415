/** Bytes of UTF-8 in a name without its extension. File systems take 255; a browser adds " (1)" and ".crdownload". */
const MOST_BYTES = 200;

/** Names that Windows keeps for devices, with any extension. */
const DEVICES = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3])\s*(\.|$)/i;

/**
 * Control characters, halves of surrogate pairs, line separators, and what hides or reorders text: with a
 * right-to-left override `exe.webm` can be made to read `mbew.exe`. Joiners stay: scripts and emoji need them.
 */
const UNSEEN = /[\p{Cc}\p{Cs}\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;

/** What a file system or a shell takes for something else. */
const SEPARATORS = /[<>:"/\\|?*]+/g;

/**
 * A file name that Windows, macOS, Linux and Android take as it is, for whatever a person has typed.
 *
 * @param name may be anything; a date stands for a name of which nothing is left
 * @param extension without the dot
 * @param createdAt tells the date
 */
export function safeFileName(name: string, extension: string, createdAt: Date): string {
  const ending = `.${extension}`;
  const given = name.toLowerCase().endsWith(ending) ? name.slice(0, -ending.length) : name;
  const clean = trim(given.normalize('NFC').replace(UNSEEN, '').replace(SEPARATORS, '-').replace(/\s+/g, ' '));
  const safe = trim(cut(DEVICES.test(clean) ? `_${clean}` : clean));
  return `${/[^\s.-]/.test(safe) ? safe : datedName(createdAt)}${ending}`;
}

/** The name of a recording that was given none: when it began, local time, in any language: `2026-03-09 14.05.22`. */
export function datedName(date: Date): string {
  const [year, month, day, hour, minute, second] = [
    date.getFullYear(),
    date.getMonth() + 1,
    date.getDate(),
    date.getHours(),
    date.getMinutes(),
    date.getSeconds(),
  ].map((part) => String(part).padStart(2, '0'));
  return `${year}-${month}-${day} ${hour}.${minute}.${second}`;
}

/** A dot in front hides a file; Windows drops dots and spaces at the end. */
const trim = (name: string): string => name.replace(/^[\s.]+|[\s.]+$/g, '');

/** Cuts between characters. */
function cut(name: string): string {
  const encoder = new TextEncoder();
  let bytes = 0;
  let result = '';
  for (const character of name) {
    bytes += encoder.encode(character).length;
    if (bytes > MOST_BYTES) break;
    result += character;
  }
  return result;
}
