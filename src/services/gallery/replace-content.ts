import { sha256Of } from '../../lib/sha256.js';
import type { Catalog, ImageRow } from '../catalog/types.js';
import { embedIn } from '../spaces/embed-in.js';
import type { Spaces } from '../spaces/spaces.js';
import type { GalleryChanges } from './gallery-changes.js';
import { withKeywords } from './titles-and-tags.js';
import { factsOf, factsWanted, writtenOf, type FileFacts } from './written.js';

export interface ReplaceContentParts {
  readonly catalog: Catalog;
  readonly spaces: Spaces;
  readonly changes: GalleryChanges;
  /** Whether places are stored. */
  readonly keepLocation?: boolean;
}

/**
 * Gives a picture of a library the content that its file has now: id, title, tags and history stay, facts and vectors are of the
 * new content, and keywords that are new in it become tags. A space that is being filled makes its own later.
 * @returns null when the picture is gone, stored or another since, or another one has this content
 * @throws AppError as `Embedder.embed`
 */
export async function replaceContent(
  { catalog, spaces, changes, keepLocation }: ReplaceContentParts,
  { id, sha256: before }: Pick<ImageRow, 'id' | 'sha256'>,
  bytes: Uint8Array,
  file: FileFacts,
  signal?: AbortSignal,
): Promise<ImageRow | null> {
  const sha256 = await sha256Of(bytes);
  for (;;) {
    const row = await spaces.use(async (lease) => {
      const { picture, vectors } = await embedIn(lease, bytes, { ...factsWanted(file), signal });
      const { width, height, format } = picture;
      const facts = factsOf(picture);
      const written = writtenOf(facts, file, keepLocation);
      const tags = withKeywords([], facts.keywords);
      const content = { sha256, width, height, format, bytes: bytes.byteLength, written, tags };
      return spaces.changing(async () => {
        if (lease.replaced.aborted) return undefined; // another space serves now: try again
        const changed = await catalog.images.replaceContent(
          { id, before },
          content,
          vectors.map(({ space, vector }) => ({ spaceId: space.model.spaceId, vector })),
        );
        if (changed === null) return null;
        for (const { space, vector } of vectors) {
          await space.index.remove([id]);
          await space.index.add([{ label: id, vector }]);
        }
        await spaces.filling?.index.remove([id]);
        return changed;
      });
    });
    if (row === undefined) continue;
    if (row !== null) changes.publish({ kind: 'UPDATED', ids: [id], images: [row] });
    return row;
  }
}
