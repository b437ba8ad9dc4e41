/**
 * Which results a step's late values read. Expressions are walked, not evaluated; evaluation is
 * schema/evaluate.ts. Unaware of where results are kept.
 */
import type { Json } from '../schema/canonical-json.ts';
import type { Expression, Late } from '../schema/expression.ts';
import { stepId } from '../schema/id.ts';
import type { Command, OutputRef, PlanStep } from '../schema/plan.ts';

/** Ports whose content the step's condition, command, parameters or environment depend on. */
export function portsRead(step: PlanStep): readonly OutputRef[] {
  const lates: readonly Late<Json>[] = [
    step.condition,
    ...commandLates(step.command),
    ...(step.probe === null ? [] : commandLates(step.probe)),
    ...(step.check?.kind === 'command' ? commandLates(step.check.command) : []),
    ...Object.values(step.params),
    ...Object.values(step.env),
  ];
  // Nearly all are known: thousands of steps are asked at every start.
  return lates.every(({ kind }) => kind === 'known') ? [] : distinct(lates.flatMap(portsOf));
}

/** Ports that one value reads. */
export function portsOf(late: Late<Json>): readonly OutputRef[] {
  if (late.kind === 'known') return [];
  const expressions = late.parts.flatMap(part => (part.kind === 'text' ? [] : [part.expression]));
  return resultsIn(...expressions).map(({ step, port }) => ({ step: stepId(step), port }));
}

type Result = Extract<Expression, { readonly kind: 'result' }>;

/** Every result that is named in them, as often as it is. */
export function resultsIn(...expressions: readonly Expression[]): readonly Result[] {
  const found: Result[] = [];
  const open = [...expressions];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.kind === 'result') found.push(next);
    open.push(...children(next));
  }
  return found;
}

/** Steps whose outputs this one cannot do without; its other needs are for order alone. */
export const stepsConsumed = (step: PlanStep): ReadonlySet<string> =>
  new Set([
    ...portsRead(step).map(ref => ref.step),
    ...Object.values(step.inputs).flatMap(input =>
      input.from.flatMap(source => (source.kind === 'output' ? [source.step] : [])),
    ),
  ]);

const commandLates = (command: Command): readonly Late<Json>[] =>
  command.kind === 'shell' ? [command.text] : command.words;

function children(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'list':
      return expression.items;
    case 'index':
      return [expression.of, expression.at];
    case 'unary':
      return [expression.operand];
    case 'binary':
      return [expression.left, expression.right];
    case 'conditional':
      return [expression.test, expression.then, expression.otherwise];
    case 'call':
      return expression.arguments;
    default:
      return [];
  }
}

function distinct(ports: readonly OutputRef[]): readonly OutputRef[] {
  return [...new Map(ports.map(ref => [JSON.stringify([ref.step, ref.port]), ref])).values()];
}
