import { Field, ID, InterfaceType } from 'type-graphql';
import type { Album } from './album.type.js';
import type { GalleryImage } from './gallery-image.type.js';
import type { Job } from './job.type.js';
import type { Library } from './library.type.js';
import type { SearchRecord } from './search.type.js';

/** A node with the name of its type, which plain objects do not carry. */
export type AnyNode =
  | ({ readonly __typename: 'GalleryImage' } & GalleryImage)
  | ({ readonly __typename: 'SearchRecord' } & SearchRecord)
  | ({ readonly __typename: 'Album' } & Album)
  | ({ readonly __typename: 'Library' } & Library)
  | ({ readonly __typename: 'Job' } & Job);

@InterfaceType({
  description: 'Something that `node` can fetch again by its id alone.',
  resolveType: ({ __typename }: AnyNode) => __typename,
})
export abstract class Node {
  @Field(() => ID, { description: 'No two nodes share it, whatever their types.' })
  id!: string;
}
