import { cp, mkdir, readdir, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const PROJECT_DIR = resolve(import.meta.dirname, '..', '..');
/** What a clone has beside sources and what set-up makes. */
const LEFT_OUT = ['.git', 'data', 'index', 'media', 'node_modules', 'tests', 'tmp'];
/** In node_modules: what set-up writes to, and so is not shared. */
const COPIED = ['.cache', '.package-lock.json', 'hnswlib-node'];

/**
 * A copy of this clone as it is set up, but for the compiled add-on of the index. Packages are those of this clone.
 * @param dir where to make it; must not be there yet
 */
export async function cloneWithoutAddon(dir: string): Promise<string> {
  await mkdir(join(dir, 'node_modules'), { recursive: true });
  for (const name of await readdir(PROJECT_DIR)) {
    if (LEFT_OUT.includes(name)) continue;
    const isWanted = (path: string): boolean => path !== join(PROJECT_DIR, 'client-sample', 'node_modules');
    await cp(join(PROJECT_DIR, name), join(dir, name), { recursive: true, filter: isWanted });
  }
  await symlink(
    join(PROJECT_DIR, 'client-sample', 'node_modules'),
    join(dir, 'client-sample', 'node_modules'),
  );
  const packages = join(PROJECT_DIR, 'node_modules');
  for (const name of await readdir(packages)) {
    const [from, to] = [join(packages, name), join(dir, 'node_modules', name)];
    const isWanted = (path: string): boolean => path !== join(packages, 'hnswlib-node', 'build');
    if (COPIED.includes(name)) await cp(from, to, { recursive: true, filter: isWanted });
    else await symlink(from, to);
  }
  return dir;
}
