/**
 * Where things are written, kept beside a Plan: the Plan itself holds no positions, so that moving a
 * line changes nothing, and the runner can still say `configs/fast.yaml:4`. By the names that steps
 * carry in the Plan (`PlanStep.name`), not by instance.
 */
import type { Span } from '../schema/diagnostic.ts';
import type { Expansion } from './instance.ts';
import { ownRecord } from './params-value.ts';

export type Spans = {
  /** By `PlanStep.name`. */
  readonly steps: Readonly<Record<string, Span>>;
  /** By name of the pipeline's parameter: where the value that won is written. */
  readonly params: Readonly<Record<string, Span>>;
  /** By `PlanStep.name`, then by parameter of the step. */
  readonly with: Readonly<Record<string, Readonly<Record<string, Span>>>>;
};

export function spansOf({ root, groups }: Expansion): Spans {
  const named = groups.map(({ frame, step }) => {
    return [`${frame.namePrefix}${step.syntax.id.value}`, step] as const;
  });
  return {
    steps: ownRecord(named.map(([name, { syntax }]) => [name, syntax.id.span])),
    params: ownRecord([...root.params].map(([name, { at }]) => [name, at])),
    with: ownRecord(
      named.map(([name, step]) => [
        name,
        ownRecord([...step.with].map(([param, { value }]) => [param, value.span])),
      ]),
    ),
  };
}

/** A slice is where the first step that works on it is: nobody has written it anywhere. */
export function withSlices(spans: Spans, slices: ReadonlyMap<string, string>): Spans {
  const places = [...slices].flatMap(([id, consumer]) => {
    const at = spans.steps[consumer];
    return at === undefined ? [] : [[id, at] as const];
  });
  return { ...spans, steps: ownRecord([...Object.entries(spans.steps), ...places]) };
}
