/**
 * From a step whose needs have ended to a verdict: resolves it, probes its source, makes its key,
 * asks the rebuilder. Executes nothing of the step itself.
 */

import type { PlanStep } from '../schema/plan.ts';
import { demandOf, impossible, type Limits } from './capacity.ts';
import { imageOf, isContained } from './containment.ts';
import type { RunContext } from './context.ts';
import { type Fingerprinted, fingerprintOf } from './fingerprinting.ts';
import { lostProducers } from './inputs.ts';
import { ownerlessState } from './project-part.ts';
import { type Judgement, judge } from './rebuilder.ts';
import { isSkipped, type ResolvedStep, resolveStep, type Skipped } from './resolved-step.ts';
import { checkEffect, probe } from './side-command.ts';
import { type Attempted, done, notStarted, stopped, unlessAborted } from './stop.ts';

/** With what its key was made from, for who sees afterwards whether it stayed like that. */
export type JudgedStep = Judgement & Fingerprinted & { readonly resolved: ResolvedStep };

export async function judgeStep(
  step: PlanStep,
  limits: Limits,
  context: RunContext,
): Promise<Attempted<JudgedStep | Skipped>> {
  const resolved = await resolveStep(step, context);
  if (!resolved.ok) return resolved;
  const { value } = resolved;
  if (isSkipped(value)) return done(value);
  const token = await probe(value, context);
  if (!token.ok) return token;
  // A registry may take half a minute to say nothing; the fingerprint then knows the answer.
  if (isContained(step, context)) {
    const image = await unlessAborted(context.signal, imageOf(step, context));
    if (!image.ok) return image;
  }
  const made = await fingerprintOf(value, token.value, context);
  if (!made.ok) return made;
  const judgement = await judge({
    step,
    fingerprint: made.value.fingerprint,
    context,
    check: () => checkEffect(value, context),
  });
  if (judgement.verdict.kind === 'execute') {
    const never = impossible(demandOf(step.policy), limits);
    if (never !== undefined) return notStarted(never);
    const ownerless = step.state === null ? undefined : ownerlessState(step.state, context);
    if (ownerless !== undefined) return notStarted(`${ownerless.message}; ${ownerless.help}`);
    // Asked for all at once, before anything is laid out: so they are made at the same time.
    const producers = await lostProducers(value.inputs, context);
    if (producers.length > 0) {
      const message = `the bytes of ${producers.join(', ')} are gone and do not come back`;
      const failure = { class: 'environment', message } as const;
      return stopped({ kind: 'damaged', producers, failure });
    }
  }
  return done({ ...judgement, tools: made.value.tools, resolved: value });
}
