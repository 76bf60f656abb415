export * from './context.js';
export * from './events.js';
