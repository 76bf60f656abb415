import { LevelMeter } from '../../../dist/core/audio/index.js';

globalThis.LevelMeter = LevelMeter;
