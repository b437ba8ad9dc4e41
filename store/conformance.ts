/**
 * What every store owes its callers (store.ts), as a suite: one test for each sentence. A test file
 * of an implementation calls `storeConformance`. Unaware of where a store keeps its things.
 */
import { describe } from 'vitest';
import { comparing, digesting, refusing } from './conformance/digesting.ts';
import { distrusting, missing } from './conformance/distrusting.ts';
import { restoring, storing } from './conformance/keeping.ts';
import { mistrusting, remembering } from './conformance/remembering.ts';
import type { Open } from './conformance/sample.ts';

export function storeConformance(name: string, open: Open): void {
  describe(name, () => {
    digesting(open);
    comparing(open);
    refusing(open);
    storing(open);
    restoring(open);
    distrusting(open);
    missing(open);
    remembering(open);
    mistrusting(open);
  });
}
