/** Registers every tag of the package. */
import './media-producer.js';
import './recording-library.js';
import './stream-recorder.js';
