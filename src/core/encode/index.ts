export * from './candidates.js';
export * from './i420.js';
export * from './trial.js';
export * from './picture-fitter.js';
export * from './sound-encoder.js';
