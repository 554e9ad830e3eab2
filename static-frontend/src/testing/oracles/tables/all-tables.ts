import type { Table } from '../row.ts';
import { answers } from './answers.ts';
import { conditions } from './conditions.ts';
import { limits } from './limits.ts';
import { passing } from './passing.ts';
import { paths } from './paths.ts';
import { places } from './places.ts';
import { ranges } from './ranges.ts';
import { representations } from './representations.ts';
import { strictness } from './strictness.ts';

/** All that the front and its peers are asked. */
export const tables: readonly Table[] = [
  conditions,
  ranges,
  representations,
  places,
  answers,
  paths,
  strictness,
  limits,
  passing,
];
