import type { Catalog } from '../catalog/types.js';
import type { MediaStore } from '../media/types.js';

/** Enough for calibration, with some to spare for missing files. */
const FOR_CALIBRATION = 96;

/** Files of gallery pictures, evenly spread. */
export async function galleryPictures(
  catalog: Pick<Catalog, 'images'>,
  media: Pick<MediaStore, 'path'>,
  most = FOR_CALIBRATION,
): Promise<readonly string[]> {
  const step = Math.max(1, Math.floor((await catalog.images.count()) / most));
  const paths: string[] = [];
  let seen = 0;
  for await (const page of catalog.images.hashes())
    for (const { sha256, format } of page)
      if (seen++ % step === 0 && paths.length < most) paths.push(media.path(sha256, format));
  return paths;
}
