import { group as autumnTrees } from './groups/autumn-trees.mjs';
import { group as balloons } from './groups/balloons.mjs';
import { group as beaches } from './groups/beaches.mjs';
import { group as cityNight } from './groups/city-night.mjs';
import { group as deserts } from './groups/deserts.mjs';
import { group as flowers } from './groups/flowers.mjs';
import { group as forests } from './groups/forests.mjs';
import { group as fruits } from './groups/fruits.mjs';
import { group as geometric } from './groups/geometric.mjs';
import { group as mountains } from './groups/mountains.mjs';
import { group as snow } from './groups/snow.mjs';
import { group as sunsetSea } from './groups/sunset-sea.mjs';

/** Twelve subjects of ten pictures each; those of one subject look alike, and unlike the others. */
export const GROUPS = [
  sunsetSea,
  mountains,
  flowers,
  cityNight,
  beaches,
  forests,
  balloons,
  snow,
  fruits,
  autumnTrees,
  deserts,
  geometric,
];
