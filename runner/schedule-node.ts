/** A step as the schedule sees it, beside those it needs and those that need it. Moves nothing. */
import type { Outcome } from '../schema/event.ts';
import type { StepId } from '../schema/id.ts';
import type { PlanStep } from '../schema/plan.ts';
import { type Demand, demandClass, demandOf } from './capacity.ts';
import { consequence } from './consequence.ts';
import { stepsConsumed } from './late-values.ts';

export type StepState =
  /** `missing` of its needs have not ended. */
  | { readonly kind: 'waiting'; readonly missing: number }
  | { readonly kind: 'ready' | 'judging' | 'queued' | 'running' }
  | { readonly kind: 'finished'; readonly outcome: Outcome };

export type Node = {
  readonly id: StepId;
  readonly order: number;
  readonly needs: readonly Node[];
  readonly consumers: Node[];
  readonly consumes: ReadonlySet<string>;
  readonly demand: Demand;
  readonly line: string;
  /** Steps on the longest way from here to an end: the critical path goes first. */
  height: number;
  /** A need has come to give something else since the step was last judged. */
  isOutdated: boolean;
  state: StepState;
};

export function nodeOf(step: PlanStep, order: number, needs: readonly Node[]): Node {
  const demand = demandOf(step.policy);
  return {
    id: step.id,
    order,
    needs,
    consumers: [],
    consumes: stepsConsumed(step),
    demand,
    line: demandClass(demand),
    height: 0,
    isOutdated: false,
    state: { kind: 'waiting', missing: needs.length },
  };
}

/** How needs that have ended end their consumer; undefined while it may go on. */
export function endBy(needs: readonly Node[], consumer: Node): Outcome | undefined {
  for (const { id, state } of needs) {
    if (state.kind !== 'finished') continue;
    const outcome = consequence({ step: id, outcome: state.outcome }, consumer.consumes);
    if (outcome !== undefined) return outcome;
  }
  return undefined;
}

/** It was judged or executed, and not only told that its turn never comes. */
export const hasEndedByItself = (state: StepState): boolean =>
  state.kind === 'finished' && state.outcome.kind !== 'skipped';

const HINDERED: ReadonlySet<string> = new Set(['need-failed', 'need-cancelled', 'not-reached']);

/** Something else had gone wrong before its turn, and now nothing is in its way. */
export const canBeReached = (node: Node): boolean =>
  node.state.kind === 'finished' &&
  node.state.outcome.kind === 'skipped' &&
  HINDERED.has(node.state.outcome.because) &&
  endBy(node.needs, node) === undefined;
