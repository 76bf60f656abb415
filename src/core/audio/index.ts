export { mixAudio, type AudioMix, type MixOptions } from './mix.js';
