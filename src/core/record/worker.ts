/** What the record worker is made of. Kept out of the folder's index, so that no page bundle takes the muxer in. */
export { serveRecord } from './serve-record.js';
export type { WorkerPort } from './protocol.js';
