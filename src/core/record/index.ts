export { type Disk, type DiskFile } from './disk.js';
export type { ConditionName, QualityMove } from './adapt.js';
export { caveatSentences, explainCaveat } from './caveats.js';
export { type Caveat, type Guarantee } from './guarantee.js';
export type { RecordEngine, RecordFormat } from './journal.js';
export { readRecording } from './read-recording.js';
export type { Recording, RecordingState } from './recording.js';
export {
  RecordingStore,
  type RecordingStoreOptions,
  type RecordingStoreState,
  type Recovery,
} from './recording-store.js';
export { watchRemoval } from './watch-removal.js';
export type { EncoderSettings } from './settings.js';
export type { StorageState } from './storage-state.js';
export {
  DEFAULT_SETTINGS,
  StreamRecorder,
  type RecorderPhase,
  type RecorderSettings,
  type RecorderState,
} from './stream-recorder.js';
