export { RECOVERY, nextStep, type Interruption, type RecoveryPolicy, type Situation, type Step } from './recovery.js';
export { PUBLISHER_DEFAULTS, type PublisherSettings } from './settings.js';
export { type LivePlatform } from './platform.js';
export { type LiveClock } from './clock.js';
export { StreamPublisher, type PublisherPhase, type PublisherState, type PublisherStats } from './stream-publisher.js';
export { type SendingFigures } from './watch.js';
