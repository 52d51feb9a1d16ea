/** What every page needs: its frame, failures, and work in the background. */
export { common } from './common';
export { errors } from './errors';
export { models } from './models';
