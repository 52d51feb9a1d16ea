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
  description:
    '`WAITING`: has not begun yet. `FILLING`: pictures get their vectors. `FINISHING`: the last ones do, then it serves. `FAILED`: the old model goes on serving; it is tried again at the next start.',
});

@ObjectType({ description: 'A change of model: the old one serves until it is done.', simpleResolvers: true })
export class ModelSwitchStatus implements SwitchState {
  @Field(() => ID, { description: 'The model that serves.' })
  from!: string;

  @Field(() => ID, { description: 'The model that is to.' })
  to!: string;

  @Field(() => ID, { description: 'The space that is being filled.' })
  spaceId!: string;

  @Field(() => ModelSwitchStateName)
  state!: ModelSwitchPhase;

  @Field(() => Int, { description: 'Pictures of the gallery.' })
  total!: number;

  @Field(() => Int, { description: 'Of them, those that have their vector in the new space.' })
  embedded!: number;

  @Field(() => Int, { description: 'Of them, those that have none there, and a recorded reason for it.' })
  failed!: number;

  @Field(() => ID, { nullable: true, description: 'For `jobProgress`; null when none is running.' })
  jobId!: string | null;

  @Field(() => Float, { nullable: true })
  secondsLeft!: number | null;

  @Field(() => String, { nullable: true, description: 'Why it failed.' })
  message!: string | null;
}

@ObjectType({
  description:
    'What a model and its preprocessing span; vectors of different spaces never compare. Of every picture of the gallery it has the vector, or a recorded reason for having none, or does not have it yet.',
  simpleResolvers: true,
})
export class SpaceStatus implements SpaceState {
  @Field(() => ID)
  id!: string;

  @Field(() => ID)
  modelId!: string;

  @Field(() => Int, { description: 'Length of a vector.' })
  dimension!: number;

  @Field(() => Int)
  vectors!: number;

  @Field(() => Int, { description: 'Pictures with a recorded reason for having no vector.' })
  failed!: number;

  @Field(() => Boolean, { description: 'Searches see this one.' })
  serving!: boolean;

  @Field(() => Boolean, { description: 'Is to serve when it has every picture.' })
  filling!: boolean;
}
