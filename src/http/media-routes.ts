import { Router, type Request, type Response } from 'express';
import { AppError } from '../errors.js';
import { check } from '../lib/check.js';
import { parseId } from '../schema/ids.js';
import type { Catalog, ImageRow } from '../services/catalog/types.js';
import type { SearchHistory } from '../services/history.js';
import type { MediaStore } from '../services/media/types.js';

const DEFAULT_WIDTH = 320;

/** Ids are never given to another picture and a picture's bytes never change: what was fetched once stays right. */
const IMMUTABLE = 'public, max-age=31536000, immutable';

function harmless(response: Response): void {
  response.set('x-content-type-options', 'nosniff');
  response.set('content-security-policy', "default-src 'none'; sandbox");
  response.set('cross-origin-resource-policy', 'cross-origin');
}

/** Whether If-None-Match (RFC 9110, 13.1.2) names this entity tag; weak comparison, as it prescribes. */
function names(header: string | undefined, etag: string): boolean {
  return (
    header !== undefined &&
    header.split(',').some((tag) => ['*', `"${etag}"`, `W/"${etag}"`].includes(tag.trim()))
  );
}

/** Sends a file under a strong ETag, or 304; ranges are honoured. */
function sendFile(response: Response, path: string, contentType: string, etag: string): Promise<void> {
  harmless(response);
  response.set({ etag: `"${etag}"`, 'cache-control': IMMUTABLE });
  // Answered here: Express takes the `no-cache` that some clients add to a conditional request for "send it anew".
  if (names(response.req.get('if-none-match'), etag)) {
    response.status(304).end();
    return Promise.resolve();
  }
  response.set('content-type', contentType);
  return new Promise((resolve, reject) => {
    response.sendFile(
      path,
      { etag: false, lastModified: false, cacheControl: false, dotfiles: 'allow' },
      (error?: Error) => {
        if (error === undefined || error === null) resolve();
        else if (response.headersSent || (error as NodeJS.ErrnoException).code === 'ECONNABORTED') resolve();
        else {
          for (const name of ['etag', 'cache-control', 'content-type']) response.removeHeader(name);
          reject(
            new AppError('STORAGE_FAILED', `The file of a picture could not be read: ${error.message}`, {
              cause: error,
            }),
          );
        }
      },
    );
  });
}

/** `/media/<id>`, `/media/<id>/thumbnail?width=`, `/media/history/<search id>`. */
export function mediaRoutes({
  catalog,
  media,
  history,
}: {
  catalog: Catalog;
  media: MediaStore;
  history: SearchHistory;
}): Router {
  const router = Router();

  const imageOf = async (request: Request): Promise<ImageRow> => {
    const id = parseId(String(request.params['id']));
    const image = id === null ? null : await catalog.imageById(id);
    if (image === null) throw new AppError('IMAGE_NOT_FOUND', 'No picture of the gallery has this id.');
    return image;
  };

  router.get('/history/:id', async (request, response) => {
    await history.flush();
    const search = await catalog.searchById(String(request.params['id']));
    // Whoever has the id was given it: it cannot be guessed, and only its visitor finds it in a history.
    if (search?.thumbnail == null) throw new AppError('IMAGE_NOT_FOUND', 'No search has this id.');
    harmless(response);
    response.set({
      'content-type': search.thumbnailType ?? 'image/jpeg',
      'cache-control': 'private, max-age=31536000, immutable',
    });
    response.send(Buffer.from(search.thumbnail));
  });

  router.get('/:id', async (request, response) => {
    const { sha256, format } = await imageOf(request);
    const path = await media.verifiedPath(sha256, format);
    await sendFile(response, path, media.contentType(format), sha256);
  });

  router.get('/:id/thumbnail', async (request, response) => {
    const width = Number(request.query['width'] ?? DEFAULT_WIDTH);
    check(Number.isInteger(width) && width >= 16 && width <= 4096, 'width', 'a whole number from 16 to 4096');
    const { sha256, format } = await imageOf(request);
    const thumbnail = await media.thumbnail(sha256, format, width);
    await sendFile(response, thumbnail.path, thumbnail.contentType, `${sha256}-${thumbnail.width}`);
  });

  return router;
}
