import { Router, type Request, type Response } from 'express';
import { AppError } from '../errors.js';
import { parseId } from '../schema/ids.js';
import { assertThumbnailWidth } from '../schema/limits.js';
import type { Catalog, ImageRow } from '../services/catalog/types.js';
import type { SearchHistory } from '../services/search/history.js';
import type { Search } from '../services/search/search.js';
import { downloadName } from '../services/media/download-name.js';
import type { MediaStore } from '../services/media/types.js';
import { fileName } from '../services/media/file-name.js';
import { archiveRoute } from './archive-route.js';
import { harmless, sendFile, type FileToSend } from './send-file.js';

const DEFAULT_WIDTH = 320;

/** Looks for the file again if it was moved or removed before it could be read. */
async function sendFound(response: Response, find: () => Promise<FileToSend>): Promise<void> {
  try {
    await sendFile(response, await find());
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'STORAGE_FAILED') throw error;
    await sendFile(response, await find());
  }
}

/**
 * Whether a browser requests a picture for display but does not support this format. A browser that follows a link to
 * the original also accepts HTML, and a program accepts anything.
 */
function wantsStandIn({ headers }: Request, contentType: string): boolean {
  const accepted = (headers.accept ?? '')
    .split(',')
    .map((range) => range.split(';', 1)[0]?.trim().toLowerCase());
  return (
    accepted.includes('image/webp') && !accepted.includes(contentType) && !accepted.includes('text/html')
  );
}

/** `/media/<id>[?download][&strip]`, `/media/<id>/thumbnail?width=`, `/media/archive?ids=` or `?album=`, `/media/history/<search id>`. */
export function mediaRoutes({
  catalog,
  media,
  history,
  search,
}: {
  catalog: Catalog;
  media: MediaStore;
  history: SearchHistory;
  search: Search;
}): Router {
  const router = Router();

  const imageOf = async (request: Request): Promise<ImageRow> => {
    const id = parseId(String(request.params['id']));
    const image = id === null ? null : await catalog.images.byId(id);
    if (image === null) throw new AppError('IMAGE_NOT_FOUND', 'No picture of the gallery has this id.');
    return image;
  };

  router.get('/history/:id', async (request, response) => {
    await history.flush();
    const search = await catalog.searches.byId(String(request.params['id']));
    // The id cannot be guessed and appears only in its visitor's own history, so knowing it is enough.
    if (search?.thumbnail == null) throw new AppError('IMAGE_NOT_FOUND', 'No search has this id.');
    harmless(response);
    response.set({
      'content-type': search.thumbnailType ?? 'image/jpeg',
      'cache-control': 'private, max-age=31536000, immutable',
    });
    response.send(Buffer.from(search.thumbnail));
  });

  router.get('/archive', archiveRoute({ catalog, media, search }));

  router.get('/:id', async (request, response) => {
    await sendFound(response, async () => {
      const { id, title, sha256, format, createdAt } = await imageOf(request);
      if (request.query['strip'] !== undefined) {
        const { format: sent, ...stream } = await media.stripped(sha256, format);
        if (request.query['download'] !== undefined)
          response.attachment(downloadName({ id, title }, fileName(sha256, sent)));
        const etag = `"${sha256}-stripped"`;
        return { path: '', stream, contentType: media.contentType(sent), etag, lastModified: createdAt };
      }
      const contentType = media.contentType(format);
      if (!media.isShownByBrowsers(format)) {
        response.vary('accept');
        if (wantsStandIn(request, contentType)) {
          const { path, bytes, ...standIn } = await media.standIn(sha256, format);
          const etag = `"${sha256}-${standIn.width}"`;
          return { path, bytes, contentType: standIn.contentType, etag, lastModified: createdAt };
        }
      }
      if (request.query['download'] !== undefined)
        response.attachment(downloadName({ id, title }, fileName(sha256, format)));
      return {
        path: await media.verifiedPath(sha256, format),
        contentType,
        etag: `"${sha256}"`,
        lastModified: createdAt,
      };
    });
  });

  router.get('/:id/thumbnail', async (request, response) => {
    const width = Number(request.query['width'] ?? DEFAULT_WIDTH);
    assertThumbnailWidth(width);
    await sendFound(response, async () => {
      const { sha256, format, createdAt } = await imageOf(request);
      const thumbnail = await media.thumbnail(sha256, format, width);
      const { path, bytes, contentType } = thumbnail;
      return { path, bytes, contentType, etag: `"${sha256}-${thumbnail.width}"`, lastModified: createdAt };
    });
  });

  return router;
}
