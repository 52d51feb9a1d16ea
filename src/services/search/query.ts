import type { RecordedQuery } from '../catalog/search-types.js';
import type { ImageRow } from '../catalog/types.js';
import type { Embedding } from '../embedding/types.js';
import type { Space } from '../spaces/spaces.js';
import type { PictureFacts, PictureFile, PictureSubject, Query, QueryVector, Subject } from './types.js';

/** Whether a query's subject has pixels. */
export const isOfPicture = (query: Query): query is Query<PictureSubject> => query.subject.kind !== 'text';

/** The query's vector in this space. @throws Error if it was not computed, which is a bug of the caller */
export function vectorIn({ vectors }: Query, { feature, model }: Space): Float32Array {
  const found = vectors.get(feature);
  if (found?.model.spaceId !== model.spaceId) throw new Error(`The query has no vector of ${model.spaceId}.`);
  return found.vector;
}

/** The vector that a search uses by default. */
export function primaryOf({ vectors }: Query): QueryVector {
  const [first] = vectors.values();
  if (first === undefined) throw new Error('The query has no vector.');
  return first;
}

/** A picture as a whole, with its vector in one space. */
export const wholePicture = <Of extends Subject>(
  subject: Of,
  { feature, model }: Space,
  vector: Float32Array,
): Query<Of> => ({ subject, region: null, vectors: new Map([[feature, { model, vector }]]) });

export const uploaded = (
  { file }: PictureFile,
  embedding: Embedding,
  { bytes, sha256 }: Pick<PictureFacts, 'bytes' | 'sha256'>,
): PictureSubject => {
  const { width, height, format, swatch } = embedding;
  return { kind: 'upload', facts: { width, height, format, bytes, sha256 }, file, embedding, swatch };
};

export const ofGallery = (
  image: ImageRow,
  { file }: PictureFile,
  embedding: Embedding | null,
): PictureSubject => ({ kind: 'image', facts: image, image, file, embedding });

/** An earlier upload, restored from its record. */
export const recorded = ({
  width,
  height,
  format,
  bytes,
  sha256,
  swatch,
}: RecordedQuery): PictureSubject => ({
  kind: 'upload',
  facts: { width, height, format, bytes, sha256 },
  file: null,
  embedding: null,
  swatch,
});
