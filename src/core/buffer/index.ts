export { ByteQueue, type ByteQueueOptions } from './byte-queue.js';
export { CircularBuffer } from './circular-buffer.js';
export { ReplayBuffer, type ReplayBufferOptions, type ReplayPacket } from './replay-buffer.js';
