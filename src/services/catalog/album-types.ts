/** Rows of albums: named, ordered lists of pictures, and saved searches. */

import type { Page, PageRequest } from '../../lib/cursor.js';
import type { Strength } from '../embedding/similarity-scale.js';
import type { ImageFilter } from './types.js';

/** An uploaded picture that a smart album searches by. */
export interface SmartUpload {
  readonly spaceId: string;
  /** Unit length, of that space. */
  readonly vector: Float32Array;
  /** A small version of the picture, which is embedded in other spaces. */
  readonly thumbnail: Uint8Array;
  readonly thumbnailType: string;
}

/** A search that is repeated whenever the album is read: by a picture, by a filter, or by both. */
export interface SmartQuery {
  /** A picture of the gallery, which may have been removed. */
  readonly imageId: number | null;
  readonly upload: SmartUpload | null;
  /** Maximum number of pictures. */
  readonly topK: number;
  readonly minSimilarity: number;
  /** The space in which `minSimilarity` was chosen, and the share of its random pairs that are less similar, if known. */
  readonly spaceId: string;
  readonly percentile: number | null;
  readonly minStrength?: Strength | undefined;
  readonly filter?: ImageFilter | undefined;
}

export interface NewAlbum {
  readonly name: string;
  /** Null for a list. */
  readonly smart: SmartQuery | null;
}

export interface AlbumRow extends NewAlbum {
  /** Integer from 1; never reused. */
  readonly id: number;
  readonly createdAt: Date;
  /** When its name, cover or list was last changed. */
  readonly updatedAt: Date;
  /** The chosen cover, otherwise the first picture of a list; null if there is neither. */
  readonly coverId: number | null;
  /** Number of pictures in a list; 0 for a smart album, whose pictures are not stored. */
  readonly count: number;
}

export interface AlbumPlace {
  /** In their new order. */
  readonly imageIds: readonly number[];
  /** The picture of the album before which to place them; null for the end. */
  readonly before: number | null;
}

/** A list after a change, as it was committed. */
export interface ChangedAlbum {
  readonly album: AlbumRow;
  /** How many pictures came into it, or left it. */
  readonly count: number;
}

export interface AlbumCatalog {
  /** By name. @throws AppError BAD_USER_INPUT for a cursor of another listing */
  list(page: PageRequest): Promise<Page<AlbumRow>>;
  count(): Promise<number>;
  /** In the order of the ids; unknown ones are left out. */
  byIds(ids: readonly number[]): Promise<AlbumRow[]>;
  /** Lists that contain a picture, by name, at most `limit`. */
  ofImage(imageId: number, limit: number): Promise<AlbumRow[]>;
  /** @throws AppError IMAGE_NOT_FOUND if one of the pictures is unknown (nothing is created) */
  create(album: NewAlbum, imageIds: readonly number[]): Promise<AlbumRow>;
  /** What is left out stays. @throws AppError ALBUM_NOT_FOUND, IMAGE_NOT_FOUND for a cover that is not in the list */
  update(id: number, change: { readonly name?: string; readonly coverId?: number }): Promise<AlbumRow>;
  /** Its pictures stay. @returns whether it existed */
  remove(id: number): Promise<boolean>;
  /**
   * Pictures already in the list keep their place.
   * @throws AppError ALBUM_NOT_FOUND; IMAGE_NOT_FOUND for a picture that is not in the gallery, or a `before` not in the
   *   list (nothing is changed)
   */
  add(id: number, place: AlbumPlace): Promise<ChangedAlbum>;
  /** @throws AppError ALBUM_NOT_FOUND; IMAGE_NOT_FOUND for a picture that is not in the list (nothing is changed) */
  move(id: number, place: AlbumPlace): Promise<AlbumRow>;
  /** Ids that are not in the list are ignored. @throws AppError ALBUM_NOT_FOUND */
  take(id: number, imageIds: readonly number[]): Promise<ChangedAlbum>;
}
