import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../errors.js';
import { parseModelFile, type ModelFile } from '../services/embedding/model-file.js';

/** A folder of `modelsDir`, without hashing files or running the model. */
export interface InstalledModel {
  /** Name of the folder. */
  readonly id: string;
  /** Size of all its files. */
  readonly bytes: number;
  /** Null if its model.json cannot be read. */
  readonly definition: ModelFile | null;
  /** Why it cannot be used, as a sentence; null if no problem was found. */
  readonly problem: string | null;
}

/** Inspects a model without loading it, which is fast for any size. A broken one is reported, not thrown. */
export async function inspectModel(modelsDir: string, id: string): Promise<InstalledModel> {
  const folder = join(modelsDir, id);
  const sizes = await fileSizes(folder);
  const bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  const path = join(folder, 'model.json');
  let definition: ModelFile;
  try {
    definition = parseModelFile(await readFile(path, 'utf8'), path);
  } catch (error) {
    return { id, bytes, definition: null, problem: messageOf(error) };
  }
  return { id, bytes, definition, problem: problemOf(definition, id, sizes) };
}

function problemOf(
  { id, file, bytes, weights }: ModelFile,
  folder: string,
  sizes: ReadonlyMap<string, number>,
): string | null {
  if (id !== folder) return `Its model.json is that of ${id}.`;
  for (const part of [{ file, bytes }, ...(weights ? [weights] : [])]) {
    const size = sizes.get(part.file);
    if (size === undefined) return `${part.file} is missing.`;
    if (part.bytes !== undefined && part.bytes !== size)
      return `${part.file} has ${size} bytes instead of ${part.bytes}.`;
  }
  return null;
}

async function fileSizes(folder: string): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  for (const name of await readdir(folder).catch(() => [])) {
    const found = await stat(join(folder, name)).catch(() => null);
    if (found?.isFile() === true) sizes.set(name, found.size);
  }
  return sizes;
}
