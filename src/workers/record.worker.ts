import { serveRecord, type WorkerPort } from '../core/record/worker.js';

serveRecord(self as unknown as WorkerPort);
