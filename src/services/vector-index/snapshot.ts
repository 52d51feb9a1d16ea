import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { AppError } from '../../errors.js';
import { syncDirectory, syncFile, TEMPORARY_SUFFIX, writeFileAtomically } from '../../lib/atomic-file.js';
import type { GraphFileFacts } from './graph-file.js';

/**
 * The on-disk format
 *
 *     <INDEX_DIR>/<space id>/MANIFEST.json           names the valid graph file, and how to verify it
 *     <INDEX_DIR>/<space id>/graph-<generation>.hnsw  hnswlib's file (graph-file.ts)
 *     <INDEX_DIR>/<space id>/*.tmp                    being written; deleted at open
 *
 * Order of a save: write the graph to a temporary name, read it back and hash it, fsync, rename to the next generation,
 * fsync the folder; write the manifest to a temporary name, fsync, rename, fsync the folder; delete older generations. So
 * the manifest always names a complete graph, and whatever it does not name may be deleted. A graph that does not match
 * its manifest in every respect is ignored: it can always be rebuilt from the catalog.
 *
 * History
 *
 *     1  first. Vectors as the catalog has them (hnswlib space `ip`), labels the images' ids, removed nodes marked.
 *     2  one node for vectors that are equal or nearly so. Its label may be the id of one of their images, of a removed
 *        one, or any other number, and has no meaning: a node represents the vectors that are equal to its own, and those
 *        that the manifest assigns to it (`joined`; verified when it is read). The manifest also lists the labels of the
 *        nodes that a search for their own vector does not find (`strays`). A snapshot of format 1 is read, and checked
 *        for strays before it serves; with many nodes for equal vectors the graph is rebuilt.
 *
 *        It may contain the breadth of searches (`breadth`), which is otherwise measured again.
 *
 * A manifest of a newer version is refused, so that a downgrade does not discard what it cannot read.
 */
export const SNAPSHOT_FORMAT_VERSION = 2;
export const MANIFEST_NAME = 'MANIFEST.json';

export interface SnapshotParameters {
  readonly spaceId: string;
  readonly dimension: number;
  readonly m: number;
  readonly efConstruction: number;
}

/** What is stored about a graph besides its file. */
export interface SnapshotNotes {
  /** Labels of the nodes that only a direct comparison finds. */
  readonly strays: readonly number[];
  /** Vectors that are nearly equal to a node: one of their labels, and the node's label. */
  readonly joined: readonly (readonly [label: number, node: number])[];
  /** Candidates that a search for ten examines. */
  readonly breadth: number;
}

/** `strays` and `joined` are missing in format 1; `breadth` may also be missing in format 2. */
export interface Manifest extends SnapshotParameters, GraphFileFacts, Partial<SnapshotNotes> {
  readonly formatVersion: number;
  /** From 1; one more for every save. */
  readonly generation: number;
  /** Name of the graph file, in the manifest's folder. */
  readonly file: string;
  /** ISO 8601. */
  readonly savedAt: string;
}

/** Content of a folder: nothing, something unusable (with the reason, as a sentence), or a snapshot to verify. */
export type ManifestReading =
  | { readonly kind: 'none' }
  | { readonly kind: 'unusable'; readonly problem: string }
  | { readonly kind: 'found'; readonly manifest: Manifest };

const GRAPH_NAME = /^graph-\d+\.hnsw$/;

function graphName(generation: number): string {
  return `graph-${generation}.hnsw`;
}

/** One space's folder. */
export class SnapshotFolder {
  readonly path: string;
  readonly #parameters: SnapshotParameters;

  constructor(indexDir: string, parameters: SnapshotParameters) {
    this.path = join(indexDir, parameters.spaceId);
    this.#parameters = parameters;
  }

  async create(): Promise<void> {
    await mkdir(this.path, { recursive: true });
  }

  /** A name for a file that is being written; if it stays, the next open removes it. */
  temporaryPath(purpose: string): string {
    return join(this.path, `${purpose}-${randomUUID()}${TEMPORARY_SUFFIX}`);
  }

  graphPath(manifest: Manifest): string {
    return join(this.path, manifest.file);
  }

  /** @throws AppError INDEX_TOO_NEW */
  async readManifest(): Promise<ManifestReading> {
    let text: string;
    try {
      text = await readFile(join(this.path, MANIFEST_NAME), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { kind: 'none' };
      return { kind: 'unusable', problem: 'The manifest of the index cannot be read.' };
    }
    const value = parseObject(text);
    if (value === null) return { kind: 'unusable', problem: 'The manifest of the index is damaged.' };
    const { formatVersion } = value;
    if (typeof formatVersion === 'number' && formatVersion > SNAPSHOT_FORMAT_VERSION) {
      throw new AppError(
        'INDEX_TOO_NEW',
        `The index in ${this.path} has format ${formatVersion}; this version of Likeness reads up to ${SNAPSHOT_FORMAT_VERSION}. Use the newer version, or delete the folder to have it rebuilt.`,
        { details: { formatVersion, supported: SNAPSHOT_FORMAT_VERSION, path: this.path } },
      );
    }
    if (!isManifest(value)) return { kind: 'unusable', problem: 'The manifest of the index is damaged.' };
    const difference = this.#difference(value);
    return difference === null
      ? { kind: 'found', manifest: value }
      : { kind: 'unusable', problem: `The snapshot of the index was made ${difference}.` };
  }

  #difference(manifest: Manifest): string | null {
    const mine = this.#parameters;
    if (manifest.spaceId !== mine.spaceId) return 'for another space';
    if (manifest.dimension !== mine.dimension) return 'for another dimension';
    if (manifest.m !== mine.m || manifest.efConstruction !== mine.efConstruction)
      return 'with other graph parameters';
    return null;
  }

  /** Makes an inspected temporary graph file the valid snapshot, durably. */
  async publish(
    temporary: string,
    facts: GraphFileFacts,
    generation: number,
    notes: SnapshotNotes,
  ): Promise<Manifest> {
    const manifest: Manifest = {
      formatVersion: SNAPSHOT_FORMAT_VERSION,
      generation,
      ...this.#parameters,
      ...facts,
      file: graphName(generation),
      ...notes,
      savedAt: new Date().toISOString(),
    };
    await syncFile(temporary);
    await rename(temporary, this.graphPath(manifest));
    await syncDirectory(this.path);
    await writeFileAtomically(join(this.path, MANIFEST_NAME), `${JSON.stringify(manifest)}\n`);
    await this.#removeGraphsExcept(manifest.file);
    return manifest;
  }

  /** Deletes leftovers of a crash: unfinished files, and generations that the manifest does not name. */
  async removeLeftovers(keep: string | null): Promise<void> {
    for (const name of await readdir(this.path)) {
      if (name.endsWith(TEMPORARY_SUFFIX)) await rm(join(this.path, name), { force: true });
    }
    await this.#removeGraphsExcept(keep);
  }

  /** Deletes the snapshot, beginning with the manifest, even if that is not a file. */
  async drop(): Promise<void> {
    await rm(join(this.path, MANIFEST_NAME), { force: true, recursive: true });
    await syncDirectory(this.path);
    await this.#removeGraphsExcept(null);
  }

  async #removeGraphsExcept(keep: string | null): Promise<void> {
    for (const name of await readdir(this.path)) {
      if (GRAPH_NAME.test(name) && name !== keep) await rm(join(this.path, name), { force: true });
    }
  }
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function isManifest(value: object): value is Manifest {
  const fields = value as { [Field in keyof Manifest]?: unknown };
  const numbers = [
    fields.formatVersion,
    fields.generation,
    fields.dimension,
    fields.m,
    fields.efConstruction,
    fields.bytes,
    fields.nodes,
    fields.live,
  ];
  return (
    numbers.every((number) => Number.isSafeInteger(number) && (number as number) >= 0) &&
    (fields.formatVersion as number) >= 1 &&
    (fields.breadth === undefined || isLabel(fields.breadth)) &&
    (fields.formatVersion === 1 || (isList(fields.strays, isLabel) && isList(fields.joined, isPair))) &&
    typeof fields.spaceId === 'string' &&
    typeof fields.sha256 === 'string' &&
    typeof fields.file === 'string' &&
    GRAPH_NAME.test(fields.file)
  );
}

const isLabel = (value: unknown): boolean => Number.isSafeInteger(value);
const isList = (value: unknown, isItem: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(isItem);
const isPair = (value: unknown): boolean => isList(value, isLabel) && (value as unknown[]).length === 2;
