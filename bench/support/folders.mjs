import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const bench = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
export const root = path.dirname(bench);
/** Profiles and films. On the disk of the repository: `/tmp` may be memory, and then recordings would be too. */
export const cache = path.join(root, '.cache', 'bench');
