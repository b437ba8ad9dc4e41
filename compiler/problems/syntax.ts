/**
 * Everything that can be wrong with one file on its own, as data: its bytes, its YAML, and its shape
 * as a pipeline, manifest, config or settings. Readers return these; `describeSyntax` alone turns
 * one into words. `kind` doubles as the public code: once released, never reused.
 */
import type { Diagnostic } from '../../schema/diagnostic.ts';
import { type DeclarationProblems, declarationWords } from './declaration.ts';
import { type ShapeProblems, shapeWords } from './shape.ts';
import { diagnostic, type Words } from './words.ts';
import { type YamlProblems, yamlWords } from './yaml.ts';

type Facts = YamlProblems & ShapeProblems & DeclarationProblems;

export type SyntaxKind = keyof Facts;

export type SyntaxProblem<Kind extends SyntaxKind = SyntaxKind> = {
  [K in Kind]: { readonly kind: K } & Facts[K];
}[Kind];

const words: { readonly [K in SyntaxKind]: (problem: Facts[K]) => Words } = {
  ...yamlWords,
  ...shapeWords,
  ...declarationWords,
};

/** One problem in words. */
export const describeSyntax = <Kind extends SyntaxKind>(problem: SyntaxProblem<Kind>): Diagnostic =>
  diagnostic(problem.kind, words[problem.kind](problem));

/** Every code of this phase, for what must have one page or one fixture per code. */
export const SYNTAX_CODES: readonly string[] = Object.keys(words);
