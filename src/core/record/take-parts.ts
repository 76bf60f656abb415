/** What a recorder needs once a take begins; a page that only offers to record does not load it. */
export { guaranteeFor } from './guarantee.js';
export { PageTake } from './page-take.js';
export { askToPersist } from './persist.js';
export { announceChange, readRecording } from './recording-store.js';
export { datedName } from './safe-name.js';
export { readStorageState } from './storage-state.js';
