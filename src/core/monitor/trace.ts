/** What shows stretches in the performance panel; loaded by who traces. */
export { showStretch } from '../metrics/index.js';
