import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import { isOfPicture } from '../services/search/query.js';
import type { SearchAnswer } from '../services/search/types.js';
import { SearchMatch, toSearchMatch, GalleryImage } from './gallery-image.type.js';
import { ImageAnalysis, toImageAnalysis } from './image-analysis.type.js';
import { Node } from './node.type.js';
import { PageInfo } from './page-info.type.js';
import { GraphQLDateTime } from './scalars.js';

@ObjectType({ description: 'The matches of one query picture.', simpleResolvers: true })
export class SearchResult {
  @Field(() => ID, {
    description: 'Identifies this search in the history; pass it to `search` to repeat it.',
  })
  id!: string;

  @Field(() => [SearchMatch], { description: 'Matching pictures, best first.' })
  matches!: SearchMatch[];

  @Field(() => ImageAnalysis, {
    nullable: true,
    description: 'What the server computed from the query picture. Null if the query was no picture.',
  })
  analysis!: ImageAnalysis | null;
}

export function toSearchResult({ id, query, matches, timings }: SearchAnswer): SearchResult {
  const picture = isOfPicture(query) ? query : null;
  return {
    id,
    matches: matches.map((match) => toSearchMatch(match, picture && picture.subject)),
    analysis: picture && toImageAnalysis(picture, timings),
  };
}

@ObjectType({ description: 'Why a picture of a batch has no result.', simpleResolvers: true })
export class BatchSearchError {
  @Field(() => String, { description: 'Error code, as in `extensions.code` of a GraphQL error.' })
  code!: string;

  @Field(() => String, { description: 'What went wrong, as an English sentence.' })
  message!: string;

  @Field(() => Boolean, { description: 'Whether sending the same picture again may succeed.' })
  retryable!: boolean;
}

@ObjectType({
  description: 'The outcome for one picture of a batch: a result or an error.',
  simpleResolvers: true,
})
export class BatchSearchItem {
  @Field(() => Int, { description: 'Position of the picture in `images`, from 0.' })
  index!: number;

  @Field(() => SearchResult, { nullable: true, description: 'Null if this picture failed; see `error`.' })
  result!: SearchResult | null;

  @Field(() => BatchSearchError, { nullable: true, description: 'Null if this picture succeeded.' })
  error!: BatchSearchError | null;
}

@ObjectType({ description: 'An earlier search of this visitor.', implements: Node, simpleResolvers: true })
export class SearchRecord {
  @Field(() => ID, { description: 'The `id` that the search result had.' })
  id!: string;

  @Field(() => GraphQLDateTime, { description: 'When the search was made.' })
  createdAt!: Date;

  @Field(() => String, { description: 'The model that served at the time.' })
  modelId!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'URL path of a thumbnail of the query on this server. Null if it was a gallery picture that has been removed.',
  })
  thumbnailUrl!: string | null;

  @Field(() => GalleryImage, {
    nullable: true,
    description:
      'The query, if it was a gallery picture. Null for an uploaded file, and if the picture has been removed.',
  })
  queryImage!: GalleryImage | null;

  @Field(() => Float, { description: 'Milliseconds the search took inside the server, without the upload.' })
  totalMs!: number;

  @Field(() => [SearchMatch], {
    description: 'Up to 24 of the best matches as they were found. Pictures removed since are left out.',
  })
  matches!: SearchMatch[];
}

@ObjectType({ description: 'A search together with its position in the history.', simpleResolvers: true })
export class SearchHistoryEdge {
  @Field(() => String, {
    description: 'Opaque; pass it as `after` to list older searches, or as `before` to list newer ones.',
  })
  cursor!: string;

  @Field(() => SearchRecord, { description: 'The search at this position.' })
  node!: SearchRecord;
}

@ObjectType({
  description: 'One page of the history, as in the Relay connection specification.',
  simpleResolvers: true,
})
export class SearchHistoryConnection {
  @Field(() => [SearchHistoryEdge], { description: 'The searches of this page, newest first.' })
  edges!: SearchHistoryEdge[];

  @Field(() => PageInfo, { description: 'Where this page begins and ends, and whether more follow.' })
  pageInfo!: PageInfo;

  @Field(() => Int, { description: 'How many searches of this visitor are kept, over all pages.' })
  totalCount!: number;
}
