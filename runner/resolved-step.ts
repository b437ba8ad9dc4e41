/**
 * A step with everything decided that had to wait for results: its condition, command, parameters,
 * environment and inputs. Unaware of caches.
 */
import type { Json } from '../schema/canonical-json.ts';
import { evaluateCondition, evaluateLate, type ReadResult } from '../schema/evaluate.ts';
import type { Outcome } from '../schema/event.ts';
import type { Late } from '../schema/expression.ts';
import { type Evaluation, textOf } from '../schema/operator.ts';
import type { Command, PlanStep } from '../schema/plan.ts';
import type { Context } from './context.ts';
import { falseCondition } from './false-condition.ts';
import { gatherInputs, type StepInputs } from './inputs.ts';
import { portsRead } from './late-values.ts';
import { readResults } from './results.ts';
import { type Attempted, done, failed } from './stop.ts';

/** One text for `/bin/sh -c`, or words. */
export type Words = string | readonly string[];

export type ResolvedStep = {
  readonly step: PlanStep;
  readonly command: Words;
  readonly probe: Words | null;
  readonly check: Words | null;
  readonly params: Readonly<Record<string, Json>>;
  readonly env: Readonly<Record<string, string>>;
  readonly inputs: StepInputs;
};

/** A step that is left out ends at once: its condition is false, or it is an effect behind a slice. */
export async function resolveStep(
  step: PlanStep,
  context: Context,
): Promise<Attempted<ResolvedStep | Skipped>> {
  if (step.onSample === 'left-out') return done(outsideSample);
  const results = await readResults(portsRead(step), context);
  if (!results.ok) return results;
  const condition = attempted(evaluateCondition(step.condition, results.value));
  if (!condition.ok) return condition;
  if (!condition.value) return done(notMet(step.condition, results.value));
  const late = lateParts(step, results.value);
  if (!late.ok) return late;
  const inputs = await gatherInputs(step, context);
  if (!inputs.ok) return inputs;
  return done({ step, ...late.value, inputs: inputs.value });
}

export type Skipped = Extract<Outcome, { kind: 'skipped' }>;

export const isSkipped = (step: object): step is Skipped =>
  'kind' in step && step.kind === 'skipped';

export const outsideSample: Skipped = { kind: 'skipped', because: 'sample', need: null };

function notMet(late: Late<boolean>, results: ReadResult): Skipped {
  const condition = falseCondition(late, results);
  return {
    kind: 'skipped',
    because: 'condition',
    need: null,
    ...(condition !== undefined && { condition }),
  };
}

function lateParts(
  step: PlanStep,
  results: ReadResult,
): Attempted<Omit<ResolvedStep, 'step' | 'inputs'>> {
  const command = words(step.command, results);
  if (!command.ok) return command;
  const probe = step.probe === null ? done(null) : words(step.probe, results);
  if (!probe.ok) return probe;
  const check = step.check?.kind === 'command' ? words(step.check.command, results) : done(null);
  if (!check.ok) return check;
  const params = record(step.params, (late, name) => param(name, late, results));
  if (!params.ok) return params;
  const env = record(step.env, late => text(late, results));
  if (!env.ok) return env;
  return done({
    command: command.value,
    probe: probe.value,
    check: check.value,
    params: params.value,
    env: env.value,
  });
}

function words(command: Command, results: ReadResult): Attempted<Words> {
  if (command.kind === 'shell') return text(command.text, results);
  const list: string[] = [];
  for (const word of command.words) {
    const one = text(word, results);
    if (!one.ok) return one;
    list.push(one.value);
  }
  return done(list);
}

function record<T>(
  lates: Readonly<Record<string, Late<Json>>>,
  decide: (late: Late<Json>, name: string) => Attempted<T>,
): Attempted<Readonly<Record<string, T>>> {
  const entries: [string, T][] = [];
  for (const [name, late] of Object.entries(lates)) {
    const one = decide(late, name);
    if (!one.ok) return one;
    entries.push([name, one.value]);
  }
  return done(Object.fromEntries(entries));
}

const value = (late: Late<Json>, results: ReadResult): Attempted<Json> =>
  attempted(evaluateLate(late, results));

const attempted = <T extends Json>(evaluation: Evaluation<T>): Attempted<T> =>
  evaluation.ok
    ? done(evaluation.value)
    : failed({ class: 'bad-expression', message: evaluation.message });

/** A list or a map reaches the step as JSON, which can hold any text; a text as it is. */
function param(name: string, late: Late<Json>, results: ReadResult): Attempted<Json> {
  const found = value(late, results);
  if (!found.ok || typeof found.value !== 'string') return found;
  const text = textOf(found.value);
  return attempted(text.ok ? text : { ...text, message: `parameter \`${name}\`: ${text.message}` });
}

function text(late: Late<Json>, results: ReadResult): Attempted<string> {
  const found = value(late, results);
  if (!found.ok) return found;
  return done(typeof found.value === 'string' ? found.value : JSON.stringify(found.value));
}
