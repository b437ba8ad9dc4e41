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

/** One problem in words, of which no name, however long, makes more than a few lines. */
export function describeSyntax<Kind extends SyntaxKind>(problem: SyntaxProblem<Kind>): Diagnostic {
  const { message, help, ...rest } = words[problem.kind](problem);
  const texts = { message: clipped(message), ...(help !== undefined && { help: clipped(help) }) };
  return diagnostic(problem.kind, { ...rest, ...texts });
}

const LONGEST_TEXT = 400;

const clipped = (text: string): string =>
  text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT - 1)}…` : text;

/** Every code of this phase, for what must have one page or one fixture per code. */
export const SYNTAX_CODES: readonly string[] = Object.keys(words);
