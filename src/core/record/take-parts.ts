/** What a recorder needs once a take begins; a page that only offers to record does not load it. */
export { guaranteeFor } from './guarantee.js';
export { PageTake } from './page-take.js';
export { announceChange, readRecording } from './recording-store.js';
export { datedName } from './safe-name.js';
export { askToPersist, readStorageState, tellMemoryOnly } from './storage-state.js';
