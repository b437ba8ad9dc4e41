/** The name that an author wrote, from a step's address: `train[lr=0.1]` → `train`. */
import type { StepId } from '../schema/id.ts';

export const stepName = (id: StepId): string => id.replace(/\[.*$/s, '');
