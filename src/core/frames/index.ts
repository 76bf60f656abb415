export { FrameProcessor, type FrameCounts, type FrameProcessorOptions, type FrameVerdict } from './frame-processor.js';
