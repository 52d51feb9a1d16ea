import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import type { ModelDescription } from '../services/embedding/types.js';
import type { Query, StageTimings } from '../services/search/types.js';

@ObjectType({ description: 'The model that makes vectors of pictures.', simpleResolvers: true })
export class ModelInfo implements ModelDescription {
  @Field(() => ID)
  id!: string;

  @Field(() => Int, { description: 'Length of a vector.' })
  dimension!: number;

  @Field(() => String, { description: 'Pixels the model sees, e.g. 224x224.' })
  inputSize!: string;

  @Field(() => String, { description: 'fp32, fp16 or int8.' })
  precision!: 'fp32' | 'fp16' | 'int8';

  @Field(() => String, {
    description: 'Names the model file and its preprocessing: only vectors of one space compare.',
  })
  spaceId!: string;

  @Field(() => String, { description: 'What it is good for, and what not.' })
  description!: string;

  @Field(() => Boolean, {
    description: 'Whether it tells patches apart: else `patchMap` and `explanation` are null.',
  })
  hasPatchTokens!: boolean;
}

@ObjectType({ description: 'Where the time went, in milliseconds.', simpleResolvers: true })
export class Timings implements StageTimings {
  @Field(() => Float, { description: 'Waiting for a worker.' })
  queueMs!: number;

  @Field(() => Float, { description: 'From the file to the pixels the model sees.' })
  decodeMs!: number;

  @Field(() => Float, { description: 'Running the model.' })
  embedMs!: number;

  @Field(() => Float, {
    description: 'Finding the neighbours and reading their rows; 0 where nothing was searched.',
  })
  searchMs!: number;

  @Field(() => Float, { description: 'All of it inside the server, without the upload.' })
  totalMs!: number;
}

@ObjectType({ simpleResolvers: true })
export class DominantColor {
  @Field(() => String, { description: '#rrggbb' })
  hex!: string;

  @Field(() => Float, { description: 'Share of the picture, 0 to 1.' })
  share!: number;
}

@ObjectType({
  description:
    'The vector of a picture in numbers; it has unit length, so its cosine to another is their dot product.',
})
export class VectorStatistics {
  /** Not a field by itself; `values`, `histogram` and the rest are made of it. */
  vector!: Float32Array;

  @Field(() => Int)
  dimension!: number;

  @Field(() => Float)
  norm!: number;

  @Field(() => Float)
  min!: number;

  @Field(() => Float)
  max!: number;

  @Field(() => Float)
  mean!: number;

  @Field(() => Float, { description: 'Standard deviation over the components.' })
  std!: number;
}

@ObjectType({ description: 'What the server made of a query picture.' })
export class ImageAnalysis {
  /** Not fields; field resolvers work on them. */
  query!: Query;

  @Field(() => Int, { description: 'Upright width in pixels.' })
  width!: number;

  @Field(() => Int, { description: 'Upright height in pixels.' })
  height!: number;

  @Field(() => String, { description: 'By content: jpeg, png, webp, gif, avif or tiff.' })
  format!: string;

  @Field(() => Int, { description: 'Size of the file.' })
  bytes!: number;

  @Field(() => String, { description: 'Hex sha256 of the file.' })
  sha256!: string;

  @Field(() => Timings)
  timings!: Timings;
}

export function toImageAnalysis(query: Query, timings: StageTimings): ImageAnalysis {
  const { width, height, format, bytes, sha256 } = query;
  return { query, width, height, format, bytes, sha256, timings };
}
