import { OaPerfMeter } from '../components/perf-meter/perf-meter.js';
import { safeDefine } from './safe-define.js';

safeDefine('perf-meter', OaPerfMeter);
