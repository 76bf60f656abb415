/** What arrives of one track, counted from its RTP packets. */

const SLOT = 0.1; // s
const SLOTS = 10;

export class MediaCounter {
  /** As in the answer: `VP8`, `H264`, `opus`; empty before the first packet. */
  codec = '';
  packets = 0;
  /** Of payload. */
  bytes = 0;
  /** Pictures that were seen to their end; of sound, packets. */
  frames = 0;
  keyFrames = 0;
  /** Packets that never came, as far as the sequence numbers tell. */
  lost = 0;
  /** Of the last key frame, where its codec (VP8) says it in the clear. */
  width = 0;
  height = 0;
  /** Milliseconds of `performance.now()`; 0 before the first packet. */
  firstPacketAt = 0;
  lastPacketAt = 0;
  /** Of the last frame that was counted. */
  lastFrameAt = 0;
  #sequence = -1;
  #slots = new Float64Array(SLOTS);
  #slot = 0;

  /**
   * @param {string} codec
   * @param {{ marker: boolean, sequenceNumber: number }} header
   * @param {Uint8Array} payload
   */
  add(codec, { marker, sequenceNumber }, payload, now = performance.now()) {
    this.codec = codec;
    this.packets++;
    this.bytes += payload.length;
    this.lastPacketAt = now;
    this.firstPacketAt ||= now;
    this.#follow(sequenceNumber);
    this.#turn(now);
    this.#slots[this.#slot % SLOTS] += payload.length;
    // Padding, sent to probe the bandwidth, is no picture.
    if (payload.length === 0) return;
    if (codec === 'VP8') this.#vp8(payload);
    else if (codec === 'H264' && startsKeyFrame(payload)) this.keyFrames++;
    if (!marker && codec !== 'opus') return;
    this.frames++;
    this.lastFrameAt = now;
  }

  /** Bits per second over the last second. */
  get bitrate() {
    this.#turn(performance.now());
    return (this.#slots.reduce((sum, bytes) => sum + bytes, 0) * 8) / (SLOT * SLOTS);
  }

  #turn(now) {
    const slot = Math.floor(now / 1000 / SLOT);
    for (let next = Math.max(this.#slot + 1, slot - SLOTS + 1); next <= slot; next++) this.#slots[next % SLOTS] = 0;
    this.#slot = Math.max(this.#slot, slot);
  }

  /** A step forward of less than half the range leaves out what lies between; a late packet fills one place. */
  #follow(sequence) {
    const ahead = this.#sequence < 0 ? 1 : (sequence - this.#sequence) & 0xffff;
    if (ahead > 0 && ahead < 0x8000) {
      this.lost += ahead - 1;
      this.#sequence = sequence;
    } else if (this.lost > 0 && ahead >= 0x8000) this.lost--;
  }

  /** RFC 7741: a descriptor of varying length, then in a frame's first packet its header. */
  #vp8(payload) {
    const starts = (payload[0] & 0x10) !== 0 && (payload[0] & 0x07) === 0;
    const at = descriptorLength(payload);
    if (!starts || at >= payload.length || (payload[at] & 0x01) !== 0) return;
    this.keyFrames++;
    if (at + 10 > payload.length) return;
    this.width = (payload[at + 6] | (payload[at + 7] << 8)) & 0x3fff;
    this.height = (payload[at + 8] | (payload[at + 9] << 8)) & 0x3fff;
  }
}

function descriptorLength(payload) {
  if ((payload[0] & 0x80) === 0) return 1;
  const extension = payload[1] ?? 0;
  let length = 2;
  if (extension & 0x80) length += payload[length] & 0x80 ? 2 : 1;
  if (extension & 0x40) length++;
  if (extension & 0x30) length++;
  return length;
}

const IDR = 5;
const STAP_A = 24;
const FU_A = 28;

/** RFC 6184: the packet holds the first slice of an IDR picture. */
function startsKeyFrame(payload) {
  const type = payload[0] & 0x1f;
  if (type === FU_A) return (payload[1] & 0x80) !== 0 && (payload[1] & 0x1f) === IDR && isFirstSlice(payload, 2);
  if (type !== STAP_A) return type === IDR && isFirstSlice(payload, 1);
  for (let at = 1; at + 3 <= payload.length; at += 2 + ((payload[at] << 8) | payload[at + 1]))
    if ((payload[at + 2] & 0x1f) === IDR && isFirstSlice(payload, at + 3)) return true;
  return false;
}

/** `first_mb_in_slice` is 0, which Exp-Golomb writes as a single 1. */
const isFirstSlice = (payload, at) => (payload[at] & 0x80) !== 0;
