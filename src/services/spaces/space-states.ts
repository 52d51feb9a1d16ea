import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, messageOf } from '../../errors.js';
import { check } from '../../lib/check.js';
import type { Catalog } from '../catalog/types.js';

/** What the catalog contains of a space, and how it is used. */
export interface SpaceState {
  readonly id: string;
  readonly modelId: string;
  readonly dimension: number;
  readonly vectors: number;
  /** Pictures with a recorded reason for having no vector in it. */
  readonly failed: number;
  readonly serving: boolean;
  /** It will serve, and is getting its vectors. */
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
  /** Whether a replaced space still answers requests. */
  readonly isRetiring: (spaceId: string) => boolean;
}

/**
 * Removes an unused space: index, vectors, recorded reasons. After an interruption, call it again; meanwhile the space
 * has fewer vectors.
 * @returns whether it existed
 * @throws AppError BAD_USER_INPUT if it serves or will serve, SERVER_BUSY while requests use it, STORAGE_FAILED
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
