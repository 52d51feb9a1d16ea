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
  description: 'Whether the atlas has a layout, and whether a new one is being computed.',
  valuesConfig: {
    COMPUTING: { description: 'The first layout is being computed; query again later.' },
    READY: { description: 'There is a layout, and no newer one is being computed.' },
    REFRESHING: { description: 'There is a layout, and a newer one is being computed.' },
    EMPTY: { description: 'The gallery has too few pictures for a layout; it takes at least 3.' },
  },
});

@ObjectType({
  description: 'The gallery laid out in two dimensions: similar pictures lie close together.',
  simpleResolvers: true,
})
export class Atlas {
  @Field(() => AtlasState, {
    description:
      'Whether there is a layout. `ids` and `coordinates` are empty while it is COMPUTING or EMPTY.',
  })
  state!: AtlasStateName;

  @Field(() => String, {
    description: 'The space whose vectors were laid out. Another model means another layout.',
  })
  spaceId!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'How it was computed: `umap`, or `pca` for very small galleries. Null while there is no layout.',
  })
  method!: string | null;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'When this layout was computed. Null while there is none.',
  })
  computedAt!: Date | null;

  @Field(() => [ID], {
    description: 'The pictures of the layout in ascending order. Pictures removed since are left out.',
  })
  ids!: string[];

  @Field(() => [Float], {
    description: 'Positions in the order of `ids`, as x, y, x, y and so on, each from -1 to 1.',
  })
  coordinates!: readonly number[];

  @Field(() => Int, {
    description: 'How many pictures are not in the layout because they were added after it was made.',
  })
  missing!: number;
}

export const toAtlas = (view: AtlasView): Atlas => ({ ...view, ids: view.ids.map(String) });

@ObjectType({ description: 'A position in the atlas.', simpleResolvers: true })
export class AtlasPosition {
  @Field(() => Float, { description: 'First coordinate, from -1 to 1, as in `Atlas.coordinates`.' })
  x!: number;

  @Field(() => Float, { description: 'Second coordinate, from -1 to 1, as in `Atlas.coordinates`.' })
  y!: number;
}
