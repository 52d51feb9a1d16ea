import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import type { SearchAnswer } from '../services/search/types.js';
import { SearchMatch, toSearchMatch, GalleryImage } from './gallery-image.type.js';
import { ImageAnalysis, toImageAnalysis } from './image-analysis.type.js';
import { PageInfo } from './page-info.type.js';
import { GraphQLDateTime } from './scalars.js';

@ObjectType({ simpleResolvers: true })
export class SearchResult {
  @Field(() => ID, { description: 'Names this search in the history.' })
  id!: string;

  @Field(() => [SearchMatch], { description: 'Best first.' })
  matches!: SearchMatch[];

  @Field(() => ImageAnalysis)
  analysis!: ImageAnalysis;
}

export function toSearchResult({ id, query, matches, timings }: SearchAnswer): SearchResult {
  return {
    id,
    matches: matches.map((match) => toSearchMatch(match, query)),
    analysis: toImageAnalysis(query, timings),
  };
}

@ObjectType({ description: 'Why one picture of a batch has no result.', simpleResolvers: true })
export class BatchSearchError {
  @Field(() => String, { description: 'One of the error codes.' })
  code!: string;

  @Field(() => String)
  message!: string;

  @Field(() => Boolean, { description: 'Whether the same picture may succeed when sent again.' })
  retryable!: boolean;
}

@ObjectType({ description: 'One picture of a batch: a result or an error.', simpleResolvers: true })
export class BatchSearchItem {
  @Field(() => Int, { description: 'Place in the batch, from 0.' })
  index!: number;

  @Field(() => SearchResult, { nullable: true })
  result!: SearchResult | null;

  @Field(() => BatchSearchError, { nullable: true })
  error!: BatchSearchError | null;
}

@ObjectType({ description: 'A search of this visitor.', simpleResolvers: true })
export class SearchRecord {
  @Field(() => ID)
  id!: string;

  @Field(() => GraphQLDateTime)
  createdAt!: Date;

  @Field(() => String, { description: 'The model that searched.' })
  modelId!: string;

  @Field(() => String, { nullable: true, description: 'Path of a small picture of the query.' })
  thumbnailUrl!: string | null;

  @Field(() => GalleryImage, {
    nullable: true,
    description: 'The query, when it was a picture of the gallery that is still there.',
  })
  queryImage!: GalleryImage | null;

  @Field(() => Float)
  totalMs!: number;

  @Field(() => [SearchMatch], {
    description: 'The best matches as they were found, without pictures removed since.',
  })
  matches!: SearchMatch[];
}

@ObjectType({ simpleResolvers: true })
export class SearchHistoryEdge {
  @Field(() => String)
  cursor!: string;

  @Field(() => SearchRecord)
  node!: SearchRecord;
}

@ObjectType({ simpleResolvers: true })
export class SearchHistoryConnection {
  @Field(() => [SearchHistoryEdge])
  edges!: SearchHistoryEdge[];

  @Field(() => PageInfo)
  pageInfo!: PageInfo;

  @Field(() => Int)
  totalCount!: number;
}
