import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import type { ModelDescription } from '../services/embedding/types.js';
import type { PictureSubject, Query, StageTimings } from '../services/search/types.js';
import { FORMAT_DESCRIPTION } from './format-description.js';

@ObjectType({ description: 'The model that computes the vectors of pictures.', simpleResolvers: true })
export class ModelInfo implements ModelDescription {
  @Field(() => ID, { description: 'As in `Model.id`; the built-in model has one too.' })
  id!: string;

  @Field(() => Int, { description: 'Number of components of a vector.' })
  dimension!: number;

  @Field(() => String, { description: 'Pixels the model sees, such as 224x224.' })
  inputSize!: string;

  @Field(() => String, { description: 'Number format of the weights: fp32, fp16 or int8.' })
  precision!: 'fp32' | 'fp16' | 'int8';

  @Field(() => String, {
    description:
      'Identifies the model file and its preprocessing. Only vectors with the same space can be compared.',
  })
  spaceId!: string;

  @Field(() => String, { description: 'What the model is good at and what not, in English.' })
  description!: string;

  @Field(() => Boolean, {
    description:
      'Whether the model has patch tokens. If not, `patchMap`, `patchGrid` and `explanation` are null.',
  })
  hasPatchTokens!: boolean;
}

@ObjectType({ description: 'Where the time went, in milliseconds.', simpleResolvers: true })
export class Timings implements StageTimings {
  @Field(() => Float, { description: 'Waiting for a free worker.' })
  queueMs!: number;

  @Field(() => Float, { description: 'From the file to the pixels the model sees.' })
  decodeMs!: number;

  @Field(() => Float, { description: 'Running the model.' })
  embedMs!: number;

  @Field(() => Float, {
    description: 'Finding the nearest vectors and reading their rows. Zero if nothing was searched.',
  })
  searchMs!: number;

  @Field(() => Float, { description: 'Total inside the server, without the upload.' })
  totalMs!: number;
}

@ObjectType({
  description: 'A colour that covers much of a picture. Nearly equal colours are merged.',
  simpleResolvers: true,
})
export class DominantColor {
  @Field(() => String, { description: 'As `#rrggbb` in sRGB.' })
  hex!: string;

  @Field(() => Float, { description: 'Share of the picture it covers, from 0 to 1.' })
  share!: number;
}

@ObjectType({
  description:
    'A picture’s vector in numbers. It has unit length, so the cosine of two vectors is their dot product.',
})
export class VectorStatistics {
  /** Not a field itself; `values`, `histogram` and the rest are computed from it. */
  vector!: Float32Array;

  @Field(() => Int, { description: 'Number of components.' })
  dimension!: number;

  @Field(() => Float, { description: 'Euclidean length; 1 except for rounding.' })
  norm!: number;

  @Field(() => Float, { description: 'The smallest component.' })
  min!: number;

  @Field(() => Float, { description: 'The largest component.' })
  max!: number;

  @Field(() => Float, { description: 'Mean of the components.' })
  mean!: number;

  @Field(() => Float, { description: 'Population standard deviation of the components.' })
  std!: number;
}

@ObjectType({ description: 'What the server computed from a query picture.' })
export class ImageAnalysis {
  /** Not fields; field resolvers work on them. */
  query!: Query<PictureSubject>;

  @Field(() => Int, { description: 'Width in pixels, after any EXIF rotation.' })
  width!: number;

  @Field(() => Int, { description: 'Height in pixels, after any EXIF rotation.' })
  height!: number;

  @Field(() => String, { description: FORMAT_DESCRIPTION })
  format!: string;

  @Field(() => Int, { description: 'Size of the file in bytes.' })
  bytes!: number;

  @Field(() => String, { description: 'SHA-256 of the file in hexadecimal.' })
  sha256!: string;

  @Field(() => Timings, {
    description:
      'How long each step took. Steps that were not needed, such as embedding a gallery picture, took 0.',
  })
  timings!: Timings;
}

export function toImageAnalysis(query: Query<PictureSubject>, timings: StageTimings): ImageAnalysis {
  const { width, height, format, bytes, sha256 } = query.subject.facts;
  return { query, width, height, format, bytes, sha256, timings };
}
