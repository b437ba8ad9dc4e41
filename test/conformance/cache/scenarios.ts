/** The scenarios that make sense for every tool which claims to know when a result can be reused. */
import type { Scenario } from './scenario.ts';
import { DAMAGES } from './scenarios/damage.ts';
import { EDITS } from './scenarios/edits.ts';
import { FOLDERS } from './scenarios/folders.ts';
import { OUTPUTS } from './scenarios/outputs.ts';
import { RACES } from './scenarios/races.ts';

export const SCENARIOS: readonly Scenario[] = [
  ...RACES,
  ...EDITS,
  ...FOLDERS,
  ...OUTPUTS,
  ...DAMAGES,
];
