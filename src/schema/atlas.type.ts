import { Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { AtlasView, AtlasState as AtlasStateName } from '../services/atlas/atlas.js';
import { GraphQLDateTime } from './scalars.js';

export enum AtlasState {
  COMPUTING = 'COMPUTING',
  READY = 'READY',
  REFRESHING = 'REFRESHING',
  EMPTY = 'EMPTY',
}
registerEnumType(AtlasState, {
  name: 'AtlasState',
  valuesConfig: {
    COMPUTING: { description: 'Nothing has been computed yet; ask again.' },
    REFRESHING: { description: 'There is a layout, and a newer one is being computed.' },
    EMPTY: { description: 'Fewer pictures than a layout needs.' },
  },
});

@ObjectType({
  description: 'The gallery in two dimensions: similar pictures lie near each other.',
  simpleResolvers: true,
})
export class Atlas {
  @Field(() => AtlasState)
  state!: AtlasStateName;

  @Field(() => String, { description: 'The space whose vectors were laid out.' })
  spaceId!: string;

  @Field(() => String, { nullable: true, description: '`umap`, or `pca` for very small galleries.' })
  method!: string | null;

  @Field(() => GraphQLDateTime, { nullable: true })
  computedAt!: Date | null;

  @Field(() => [ID], { description: 'The pictures of the layout, ascending.' })
  ids!: string[];

  @Field(() => [Float], {
    description: 'x and y of each, in the order of `ids`, one after the other; within -1 to 1.',
  })
  coordinates!: readonly number[];

  @Field(() => Int, { description: 'Pictures that came after the layout was made.' })
  missing!: number;
}

export const toAtlas = (view: AtlasView): Atlas => ({ ...view, ids: view.ids.map(String) });

@ObjectType({ description: 'A place in the atlas, within -1 to 1.', simpleResolvers: true })
export class AtlasPosition {
  @Field(() => Float)
  x!: number;

  @Field(() => Float)
  y!: number;
}
