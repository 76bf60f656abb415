/** The framework-free core: no Lit, no custom elements, and nothing happens on import. */
export { OnAirError, type OnAirErrorCode, type OnAirErrorOptions } from './errors.js';
export { Store } from './store.js';
export { configureMessages, explain, type MessageTable } from './messages.js';
export { configureWorkers } from './load-worker.js';
export * from './buffer/index.js';
export * from './capture/index.js';
export * from './frames/index.js';
export * from './metrics/index.js';
export * from './producer/index.js';
export * from './quality/index.js';
export * from './record/index.js';
