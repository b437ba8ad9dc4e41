/**
 * Everything that can be wrong with what an author wrote, from its bytes to its wires. Phases return
 * problems; `describe` alone turns one into words, so that the tone stays even and rewording touches
 * one place.
 */
import type { Diagnostic } from '../../schema/diagnostic.ts';
import { describeExpression, EXPRESSION_CODES, type ExpressionProblem } from './expression.ts';
import { describeSyntax, SYNTAX_CODES, type SyntaxProblem } from './syntax.ts';
import { describeWiring, WIRING_CODES, type WiringProblem } from './wiring.ts';

export type Problem = SyntaxProblem | ExpressionProblem | WiringProblem;

/** Every code that a diagnostic can have; no two phases share one. */
export const CODES: readonly string[] = [...SYNTAX_CODES, ...EXPRESSION_CODES, ...WIRING_CODES];

/** Adds what was found, one by one: as arguments of one call they could be too many. */
export function report(problems: Problem[], found: Iterable<Problem>): void {
  for (const problem of found) problems.push(problem);
}

/** One problem in words. */
export function describe(problem: Problem): Diagnostic {
  if (isWiring(problem)) return describeWiring(problem);
  return isExpression(problem) ? describeExpression(problem) : describeSyntax(problem);
}

const wiring = new Set(WIRING_CODES);
const expression = new Set(EXPRESSION_CODES);

const isWiring = (problem: Problem): problem is WiringProblem => wiring.has(problem.kind);

const isExpression = (problem: Exclude<Problem, WiringProblem>): problem is ExpressionProblem =>
  expression.has(problem.kind);
