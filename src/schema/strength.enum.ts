import { registerEnumType } from 'type-graphql';
import type { Strength as StrengthName } from '../services/embedding/similarity-scale.js';

export const Strength = {
  COPY: 'COPY',
  VERY_SIMILAR: 'VERY_SIMILAR',
  SIMILAR: 'SIMILAR',
  WEAK: 'WEAK',
} as const satisfies { [Name in StrengthName]: Name };
export type Strength = StrengthName;

registerEnumType(Strength, {
  name: 'Strength',
  description:
    'What a similarity means: similarities of different models have different scales, strengths compare.',
  valuesConfig: {
    COPY: { description: 'The same picture, perhaps scaled, recompressed or lightly edited.' },
    VERY_SIMILAR: { description: 'Of 100 random pairs about one is as alike.' },
    SIMILAR: { description: 'Of 100 random pairs about five are as alike.' },
    WEAK: { description: 'As alike as most pictures of this gallery.' },
  },
});
