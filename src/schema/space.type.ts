import { Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { ModelSwitchPhase, ModelSwitchState as SwitchState } from '../services/spaces/model-switch.js';
import type { SpaceState } from '../services/spaces/space-states.js';

export enum ModelSwitchStateName {
  WAITING = 'WAITING',
  FILLING = 'FILLING',
  FINISHING = 'FINISHING',
  FAILED = 'FAILED',
}
registerEnumType(ModelSwitchStateName, {
  name: 'ModelSwitchState',
  description: 'How far a change of model is.',
  valuesConfig: {
    WAITING: { description: 'It has not begun yet, or resumes at the next start.' },
    FILLING: { description: 'Pictures are getting their vectors from the new model.' },
    FINISHING: { description: 'The last pictures are getting their vectors; then the new model serves.' },
    FAILED: { description: 'The old model keeps serving. It is tried again at the next start.' },
  },
});

@ObjectType({
  description: 'A change of model. The old model serves until it is finished.',
  simpleResolvers: true,
})
export class ModelSwitchStatus implements SwitchState {
  @Field(() => ID, { description: 'The model that serves now.' })
  from!: string;

  @Field(() => ID, { description: 'The model that will serve.' })
  to!: string;

  @Field(() => ID, { description: 'The space that is being filled with vectors of the new model.' })
  spaceId!: string;

  @Field(() => ModelSwitchStateName, { description: 'How far the change is.' })
  state!: ModelSwitchPhase;

  @Field(() => Int, { description: 'Pictures in the gallery.' })
  total!: number;

  @Field(() => Int, { description: 'Pictures that have a vector in the new space.' })
  embedded!: number;

  @Field(() => Int, {
    description:
      'Pictures without a vector in the new space, for a recorded reason. They do not hold up the change.',
  })
  failed!: number;

  @Field(() => ID, { nullable: true, description: 'For `jobProgress`. Null when no job is running.' })
  jobId!: string | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Estimated seconds until the new model serves. Null while it cannot be estimated.',
  })
  secondsLeft!: number | null;

  @Field(() => String, {
    nullable: true,
    description: 'Why it FAILED; only administrators see the details. Null otherwise.',
  })
  message!: string | null;
}

@ObjectType({
  description:
    'A space: the vectors of one model and its preprocessing. Vectors of different spaces cannot be compared.',
  simpleResolvers: true,
})
export class SpaceStatus implements SpaceState {
  @Field(() => ID, {
    description:
      'Derived from the model file and its preprocessing, so the same model has the same space everywhere.',
  })
  id!: string;

  @Field(() => ID, { description: 'The model that computes its vectors. It may have been removed since.' })
  modelId!: string;

  @Field(() => Int, { description: 'Number of components of a vector.' })
  dimension!: number;

  @Field(() => Int, { description: 'How many gallery pictures have a vector in this space.' })
  vectors!: number;

  @Field(() => Int, {
    description: 'How many pictures have no vector for a recorded reason, such as an unreadable file.',
  })
  failed!: number;

  @Field(() => Boolean, { description: 'Whether searches use this space. Only one space serves at a time.' })
  serving!: boolean;

  @Field(() => Boolean, { description: 'Whether this space will serve once it has every picture.' })
  filling!: boolean;
}
