/**
 * Every fault that this package reports, by code. Codes are for programs; the sentence in `message` is for people,
 * and a page can replace it (see `messages.ts`).
 */
export type OnAirErrorCode = MediaErrorCode | LiveErrorCode;

/** Those of capturing, recording and sockets. */
export type MediaErrorCode =
  // Capture
  | 'denied' // the person, or a remembered choice, refused the device
  | 'dismissed' // the prompt was closed without an answer
  | 'policy' // a Permissions-Policy or an iframe without `allow` blocks the device
  | 'insecure' // not a secure context: devices are out of reach
  | 'none' // no such device
  | 'busy' // another program holds the device
  | 'overconstrained' // no device can satisfy the constraints
  | 'system' // the operating system blocks the device
  | 'aborted' // the request was given up before it was answered
  | 'unsupported' // this browser lacks what the request needs
  // Recording
  | 'no-source' // there is nothing to record: no producer, or none of its tracks is live
  | 'no-media' // the source is live but no frame and no sample arrived
  | 'no-encoder' // neither WebCodecs nor MediaRecorder can encode here
  | 'format-unavailable' // the requested format cannot be made here
  | 'encoder-failed' // the encoder gave up in the middle of a take
  | 'worker-blocked' // the page's Content-Security-Policy stops the worker, or a page that is not secure has none for a meter
  | 'worker-failed' // the worker stopped answering, or its file could not be loaded
  | 'storage-unavailable' // no file system and no database for recordings
  | 'disk-full' // the quota is used up
  | 'disk-failed' // a write was refused for another reason
  | 'microphone-silent' // the microphone delivers nothing; silence is recorded
  | 'audio-suspended' // the audio context may not run before a gesture
  // Recordings
  | 'recording-missing' // no recording with this id
  | 'recording-live' // the recording is being written, in this tab or another
  | 'recording-damaged' // the file holds no media that could be read; it is kept
  // Channels
  | 'buffer-full' // too much waits to be sent, or to be read
  | 'session-lost' // the server has lost the session; what was sent may have arrived or not
  | 'timeout' // no answer in time
  | 'unauthorized' // the server does not accept the token
  | 'request-failed' // the server did not do what was asked
  // Use
  | 'invalid-state' // the call does not fit the state
  | 'invalid-value'; // a setting is out of range

/** Those of a live broadcast. */
export type LiveErrorCode =
  | 'unreachable' // the server gives no answer
  | 'cors' // the server answers, and an answer to this page lacks a header
  | 'connection-blocked' // the page's own policy, or a secure page with an insecure address
  | 'unauthorized' // 401: no token, or one that the server does not take
  | 'in-use' // 403, 409, or ended time and again: somebody else publishes there, or nobody may
  | 'server-busy' // 429, 503: the server asks to come back later
  | 'server-failed' // any other 5xx, or an answer that is none
  | 'publish-refused' // any other answer that is not 2xx: another address, or another kind of server
  | 'no-route' // the server answers, but media finds no way to it
  | 'stream-lost'; // the broadcast was interrupted; it is being taken up again

export interface OnAirErrorOptions {
  /** What led to it: the platform's own error, where there is one. */
  cause?: unknown;
  /** Whether the job that reports it has ended. A fault that is not fatal is told and worked around. Default true. */
  fatal?: boolean;
}

/** A fault with a code to switch on and a sentence to show. */
export class OnAirError extends Error {
  override readonly name = 'OnAirError';
  readonly code: OnAirErrorCode;
  readonly fatal: boolean;

  constructor(code: OnAirErrorCode, message: string, { cause, fatal = true }: OnAirErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.fatal = fatal;
  }

  /** What the platform said, for a bug report; empty where it said nothing. */
  get detail(): string {
    const { cause } = this;
    if (cause instanceof Error) return `${cause.name}: ${cause.message}`;
    return typeof cause === 'string' ? cause : '';
  }

  /** Wraps whatever was thrown, with what it says unless there is a better `message`; an OnAirError passes through untouched. */
  static from(
    thrown: unknown,
    code: OnAirErrorCode,
    message = String(thrown),
    options: OnAirErrorOptions = {},
  ): OnAirError {
    return thrown instanceof OnAirError ? thrown : new OnAirError(code, message, { cause: thrown, ...options });
  }
}
