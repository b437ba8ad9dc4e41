/**
 * Everything that can be wrong with a pipeline whose text is sound: what it names, gives, wires and
 * writes. Resolve, expand, link and plan return these as data; `describeWiring` alone turns one
 * into words. `kind` doubles as the public code: once released, never reused.
 */
import type { Diagnostic } from '../../schema/diagnostic.ts';
import { type DefinitionProblems, definitionWords } from './definition.ts';
import { type FileProblems, fileWords } from './file.ts';
import { type MatrixProblems, matrixWords } from './matrix.ts';
import { type OutputProblems, outputWords } from './output.ts';
import { type ParamProblems, paramWords } from './param.ts';
import { type WireProblems, wireWords } from './wire.ts';
import { diagnostic, type Words } from './words.ts';

type Facts = FileProblems &
  ParamProblems &
  DefinitionProblems &
  MatrixProblems &
  WireProblems &
  OutputProblems;

export type WiringKind = keyof Facts;

export type WiringProblem<Kind extends WiringKind = WiringKind> = {
  [K in Kind]: { readonly kind: K } & Facts[K];
}[Kind];

const words: { readonly [K in WiringKind]: (problem: Facts[K]) => Words } = {
  ...fileWords,
  ...paramWords,
  ...definitionWords,
  ...matrixWords,
  ...wireWords,
  ...outputWords,
};

/** One problem in words. */
export const describeWiring = <Kind extends WiringKind>(problem: WiringProblem<Kind>): Diagnostic =>
  diagnostic(problem.kind, words[problem.kind](problem));

/** Every code of these phases, for what must have one page or one fixture per code. */
export const WIRING_CODES: readonly string[] = Object.keys(words);
