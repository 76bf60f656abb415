import { Logging, LogLevel } from 'mediabunny';
import { serveRecord, type WorkerPort } from '../core/record/worker.js';

// A damaged file is told as a fault with a code; the console is the page's.
Logging.level = LogLevel.Silent;
serveRecord(self as unknown as WorkerPort);
