import type { RecoveryPolicy } from './recovery.js';

/** What makes no sense counts as the default. */
export interface PublisherSettings {
  /** Of the WHIP endpoint; relative to the page. */
  url: string;
  /** Bits per second of the picture at most; null leaves it to the browser. */
  maxBitrate: number | null;
  /** Frames a second at most. */
  maxFrameRate: number | null;
  /** Bits per second at which the picture begins; null for 1 Mbit/s, or `maxBitrate` where that is less. */
  startBitrate: number | null;
  /** `h264`, `vp8`, `vp9`, `av1`: what is offered first. Empty, or what this browser has not, leaves the order to it. */
  codec: string;
  /** Whether the picture is sent in three sizes, so that the server can choose one for each viewer. */
  simulcast: boolean;
  /** What picture and sound are, for the encoders: `motion`, `detail`, `text`, `speech`, `music`. Empty leaves tracks alone. */
  contentHint: string;
  /** Whether Opus sends what repairs lost packets. */
  fec: boolean;
  /** Whether Opus sends nothing while there is silence. */
  dtx: boolean;
  /** STUN and TURN, beside those that the server names. None by default. */
  iceServers: readonly RTCIceServer[];
  /** Bearer token. `getToken` wins. */
  token: string | null;
  /** Asked before the first request, again when the server refuses what it gave, and again where nobody has answered it. */
  getToken: (() => string | null | Promise<string | null>) | null;
  /** Replaces some of `RECOVERY`. */
  recovery: Partial<RecoveryPolicy>;
}

export const PUBLISHER_DEFAULTS: Readonly<PublisherSettings> = Object.freeze({
  url: '',
  maxBitrate: null,
  maxFrameRate: null,
  startBitrate: null,
  codec: '',
  simulcast: false,
  contentHint: '',
  fec: true,
  dtx: false,
  iceServers: Object.freeze([]),
  token: null,
  getToken: null,
  recovery: Object.freeze({}),
});
