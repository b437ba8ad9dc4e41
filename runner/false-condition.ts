/** Why a condition is false: the part of it that decides, and the results that part reads. */
import type { Json } from '../schema/canonical-json.ts';
import { evaluate, type ReadResult } from '../schema/evaluate.ts';
import type { FalseCondition } from '../schema/event.ts';
import type { Expression, Late } from '../schema/expression.ts';
import { formatExpression } from '../schema/expression-text.ts';
import { resultsIn } from './late-values.ts';

/** Longer ones tell nobody anything, and every reader of the stream would carry them. */
const LONGEST_TEXT = 100;

/** Undefined where the compiler knew already that it is false: then no result had a part in it. */
export function falseCondition(
  condition: Late<boolean>,
  results: ReadResult,
): FalseCondition | undefined {
  const part = condition.kind === 'late' ? condition.parts[0] : undefined;
  if (part?.kind !== 'expression') return undefined;
  const expression = decisive(part.expression, results);
  if (expression.kind === 'literal') return undefined;
  const values: Record<string, Json> = {};
  for (const result of resultsIn(expression)) {
    const value = results(result.step, result.port, result.fields);
    if (isBrief(value)) values[formatExpression(result)] = value;
  }
  return { expression, values };
}

/** Of `a && b` the side that is false; conditions of the pipelines around a step are joined so. */
function decisive(whole: Expression, results: ReadResult): Expression {
  let part = whole;
  while (part.kind === 'binary' && part.operator === '&&') {
    const left = evaluate(part.left, results);
    part = left.ok && left.value === false ? part.left : part.right;
  }
  return part;
}

const isBrief = (value: Json | undefined): value is Exclude<Json, object> | null =>
  typeof value === 'string'
    ? value.length <= LONGEST_TEXT
    : value === null || (value !== undefined && typeof value !== 'object');
