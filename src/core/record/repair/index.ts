export { MovieIndex } from './movie-index.js';
export { finishMp4 } from './mp4.js';
export { remux, type RemuxOptions } from './remux.js';
export { repair } from './repair.js';
export type { RepairReport } from './report.js';
