import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, messageOf } from '../../errors.js';
import { check } from '../../lib/check.js';
import type { Catalog } from '../catalog/types.js';

/** What the catalog holds of a space, and what it is used for. */
export interface SpaceState {
  readonly id: string;
  readonly modelId: string;
  readonly dimension: number;
  readonly vectors: number;
  /** Pictures with a recorded reason for having no vector in it. */
  readonly failed: number;
  readonly serving: boolean;
  /** Is to serve, and gets its vectors. */
  readonly filling: boolean;
}

/** @param servingId, targetId ids of spaces */
export async function spaceStates(
  catalog: Catalog,
  servingId: string,
  targetId: string | null,
): Promise<SpaceState[]> {
  const states: SpaceState[] = [];
  for (const { id, modelId, dimension } of await catalog.vectors.spaces()) {
    const { vectors, failed } = await catalog.vectors.coverage(id);
    states.push({
      id,
      modelId,
      dimension,
      vectors,
      failed,
      serving: id === servingId,
      filling: id === targetId,
    });
  }
  return states;
}

export interface DropOptions {
  readonly catalog: Catalog;
  readonly indexDir: string;
  readonly servingId: string;
  readonly targetId: string | null;
  /** Spaces that were replaced and still answer requests. */
  readonly isRetiring: (spaceId: string) => boolean;
}

/**
 * Removes what a space that is not used any more holds: index, vectors, recorded reasons. Interrupted, it is simply
 * called again; what is left meanwhile is a space with fewer vectors.
 * @returns whether there was one
 * @throws AppError BAD_USER_INPUT when it serves or is to serve, SERVER_BUSY as long as requests use it, STORAGE_FAILED
 */
export async function dropSpace(
  { catalog, indexDir, servingId, targetId, isRetiring }: DropOptions,
  id: string,
): Promise<boolean> {
  check(id !== servingId, 'id', 'a space that does not serve');
  check(id !== targetId, 'id', 'a space that is not being filled');
  if (!(await catalog.vectors.spaces()).some((space) => space.id === id)) return false;
  if (isRetiring(id)) {
    throw new AppError('SERVER_BUSY', 'Requests that began with this space are still being answered.', {
      details: { retryAfterMs: 1000 },
    });
  }
  try {
    await rm(join(indexDir, id), { recursive: true, force: true });
  } catch (error) {
    throw new AppError('STORAGE_FAILED', `The index of the space cannot be removed: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return catalog.vectors.removeSpace(id);
}
