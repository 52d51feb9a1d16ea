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
    'What a similarity means. Similarities of different models have different scales; strengths can be compared.',
  valuesConfig: {
    COPY: { description: 'The same picture, perhaps scaled, recompressed or lightly edited.' },
    VERY_SIMILAR: { description: 'About one in 100 random pairs is this similar.' },
    SIMILAR: { description: 'About five in 100 random pairs are this similar.' },
    WEAK: { description: 'No more similar than most pictures of this gallery are to each other.' },
  },
});
