/** Bytes of the length before each NAL unit, as browsers write H.264. */
const LENGTH = 4;

const bytesOf = (source: AllowSharedBufferSource): Uint8Array =>
  ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);

/** The parameter sets of an avcC record (ISO/IEC 14496-15, 5.3.3.1) as NAL units that can stand before a key frame. */
export function parameterSets(description: AllowSharedBufferSource): Uint8Array {
  const record = bytesOf(description);
  const sets: Uint8Array[] = [];
  let at = 5;
  for (const mask of [0x1f, 0xff]) {
    const count = (record[at++] ?? 0) & mask;
    for (let index = 0; index < count; index++) {
      const length = ((record[at] ?? 0) << 8) | (record[at + 1] ?? 0);
      sets.push(record.subarray(at + 2, at + 2 + length));
      at += 2 + length;
    }
  }
  const all = new Uint8Array(sets.reduce((sum, { length }) => sum + LENGTH + length, 0));
  let end = 0;
  for (const set of sets) {
    new DataView(all.buffer).setUint32(end, set.length);
    all.set(set, end + LENGTH);
    end += LENGTH + set.length;
  }
  return all;
}

/**
 * A file has one description of its H.264, from the first encoder. Another encoder, or the same by other settings, may
 * describe its pictures differently: then its parameter sets go into the stream, before each of its key frames.
 */
export class Described {
  #first: Uint8Array | null = null;
  #sets: Uint8Array | null = null;

  /** Takes the description that came with a picture, if one did. */
  hear(description: AllowSharedBufferSource | undefined): void {
    if (!description) return;
    const now = bytesOf(description).slice();
    this.#first ??= now;
    const same = now.length === this.#first.length && now.every((byte, index) => byte === this.#first![index]);
    this.#sets = same ? null : parameterSets(now);
  }

  /** A key frame as it has to stand in the file. */
  complete(key: Uint8Array): Uint8Array {
    const sets = this.#sets;
    if (!sets) return key;
    const whole = new Uint8Array(sets.length + key.length);
    whole.set(sets);
    whole.set(key, sets.length);
    return whole;
  }
}
