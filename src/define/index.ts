/** Registers every tag of the package. */
import './audio-level.js';
import './media-producer.js';
import './perf-meter.js';
import './recording-library.js';
import './stream-pool-status.js';
import './stream-publisher.js';
import './stream-recorder.js';
