export { remux, type RemuxOptions } from './remux.js';
export { repair } from './repair.js';
export type { RepairReport } from './report.js';
