import 'reflect-metadata';
import type { GraphQLSchema } from 'graphql';
import { buildSchema, type PubSub } from 'type-graphql';
import { unreachable } from '../lib/check.js';
import { AdminResolver } from '../resolvers/admin.resolver.js';
import { AlbumResolver, AlbumSearchResolver, AlbumsOfImageResolver } from '../resolvers/album.resolver.js';
import { AnalysisResolver, VectorStatisticsResolver } from '../resolvers/analysis.resolver.js';
import { AtlasResolver } from '../resolvers/atlas.resolver.js';
import { GalleryImageResolver, GalleryResolver } from '../resolvers/gallery.resolver.js';
import { HistoryResolver } from '../resolvers/history.resolver.js';
import { JobResolver } from '../resolvers/job.resolver.js';
import { LibraryResolver, PlaceResolver } from '../resolvers/library.resolver.js';
import { ModelResolver } from '../resolvers/model.resolver.js';
import { NodeResolver } from '../resolvers/node.resolver.js';
import { ExplanationResolver, PatchMapResolver } from '../resolvers/patches.resolver.js';
import { SearchResolver } from '../resolvers/search.resolver.js';
import { StatusResolver } from '../resolvers/status.resolver.js';
import { TimelineResolver } from '../resolvers/timeline.resolver.js';

/** type-graphql asks for one, though every subscription here names its own source. */
const NO_PUB_SUB: PubSub = {
  publish: () => unreachable('publish' as never),
  subscribe: () => unreachable('subscribe' as never),
};

/** type-graphql collects the root types from the resolvers and leaves no place to describe them. */
function describeRoots(schema: GraphQLSchema): GraphQLSchema {
  const [query, mutation, subscription] = [
    schema.getQueryType(),
    schema.getMutationType(),
    schema.getSubscriptionType(),
  ];
  if (query) query.description = 'Searches and lists. A field is null when it failed; `errors` says why.';
  if (mutation) mutation.description = 'Changes, made one after the other in the order of the document.';
  if (subscription)
    subscription.description = 'Events as they happen, over WebSocket (graphql-transport-ws).';
  return schema;
}

/** Builds the schema printed in `schema.graphql`. Services check the arguments, so the CLI follows the same rules. */
export async function createSchema(): Promise<GraphQLSchema> {
  const schema = await buildSchema({
    resolvers: [
      SearchResolver,
      GalleryResolver,
      GalleryImageResolver,
      TimelineResolver,
      AnalysisResolver,
      VectorStatisticsResolver,
      PatchMapResolver,
      ExplanationResolver,
      HistoryResolver,
      StatusResolver,
      JobResolver,
      AtlasResolver,
      AdminResolver,
      ModelResolver,
      AlbumResolver,
      AlbumSearchResolver,
      AlbumsOfImageResolver,
      LibraryResolver,
      PlaceResolver,
      NodeResolver,
    ],
    validate: false,
    skipCheck: true, // Apollo Server checks it, and emit-schema.mjs
    pubSub: NO_PUB_SUB,
  });
  return describeRoots(schema);
}
