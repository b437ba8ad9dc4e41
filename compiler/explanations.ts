/**
 * What `sluice explain` knows: a page for each code that a diagnostic, a failure or a warning can
 * have. Unaware of how pages are shown.
 */
import { byCodeUnit } from '../schema/canonical-json.ts';
import { expressionPages } from './explanations/expression.ts';
import { hintPages } from './explanations/hint.ts';
import type { Explanation } from './explanations/page.ts';
import { runPages } from './explanations/run.ts';
import { shapePages } from './explanations/shape.ts';
import { filePages, matrixPages, outputPages, paramPages } from './explanations/values.ts';
import { definitionPages, wirePages } from './explanations/wiring.ts';
import { yamlPages } from './explanations/yaml.ts';

const PAGES: ReadonlyMap<string, Explanation> = new Map<string, Explanation>(
  [
    yamlPages,
    shapePages,
    expressionPages,
    filePages,
    paramPages,
    definitionPages,
    matrixPages,
    wirePages,
    outputPages,
    runPages,
    hintPages,
  ].flatMap(pages => Object.entries(pages)),
);

export const explainCode = (code: string): Explanation | undefined => PAGES.get(code);

/** Every code that has a page, sorted. */
export const explainedCodes = (): readonly string[] => [...PAGES.keys()].sort(byCodeUnit);
