import { Field, ID, Int, ObjectType } from 'type-graphql';
import { Album } from './album.type.js';

/** One payload per mutation of albums, as in `payloads.type.ts`. */

@ObjectType({ description: 'What `createAlbum` created.', simpleResolvers: true })
export class CreateAlbumPayload {
  @Field(() => Album, { description: 'The new album.' })
  album!: Album;
}

@ObjectType({ description: 'What `updateAlbum` changed.', simpleResolvers: true })
export class UpdateAlbumPayload {
  @Field(() => Album, { description: 'The album as it is now.' })
  album!: Album;
}

@ObjectType({ description: 'What `deleteAlbum` deleted.', simpleResolvers: true })
export class DeleteAlbumPayload {
  @Field(() => ID, { nullable: true, description: 'The album. Null if there was none with this id.' })
  deletedId!: string | null;
}

@ObjectType({ description: 'What `addToAlbum` changed.', simpleResolvers: true })
export class AddToAlbumPayload {
  @Field(() => Album, { description: 'The album as it is now.' })
  album!: Album;

  @Field(() => Int, { description: 'How many of the pictures were not in it before.' })
  addedCount!: number;
}

@ObjectType({ description: 'What `moveInAlbum` changed.', simpleResolvers: true })
export class MoveInAlbumPayload {
  @Field(() => Album, { description: 'The album as it is now.' })
  album!: Album;
}

@ObjectType({ description: 'What `removeFromAlbum` changed.', simpleResolvers: true })
export class RemoveFromAlbumPayload {
  @Field(() => Album, { description: 'The album as it is now.' })
  album!: Album;

  @Field(() => Int, { description: 'How many of the pictures were in it.' })
  removedCount!: number;
}
