import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

/** The clone's root folder. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Stamps of finished steps; inside node_modules, so that they go when node_modules goes. */
export const CACHE_DIR = join(ROOT, 'node_modules', '.cache', 'likeness');

export const fromRoot = (...parts) => join(ROOT, ...parts);
