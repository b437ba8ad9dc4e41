/**
 * What is known of a step before what it takes is: what runs it (programs, packages, image), and
 * what of it is written out. Unaware of why it cannot be judged yet.
 */
import type { Json } from '../schema/canonical-json.ts';
import type { Late } from '../schema/expression.ts';
import type { Fingerprint } from '../schema/fingerprint.ts';
import type { StepId } from '../schema/id.ts';
import type { Command, PlanStep } from '../schema/plan.ts';
import type { Context } from './context.ts';
import { fingerprintOf } from './fingerprinting.ts';
import { type ForecastRequest, lookingContext } from './forecast.ts';
import type { ResolvedStep, Words } from './resolved-step.ts';

/** Null where not even that can be had: an image is missing. */
export async function knownOfLater(
  steps: ReadonlySet<StepId>,
  request: ForecastRequest,
): Promise<Readonly<Record<string, Fingerprint | null>>> {
  const context = lookingContext(request);
  const later = request.plan.steps.filter(({ id }) => steps.has(id));
  const known = later.map(async step => [step.id, await fingerprintSoFar(step, context)] as const);
  return Object.fromEntries(await Promise.all(known));
}

async function fingerprintSoFar(step: PlanStep, context: Context): Promise<Fingerprint | null> {
  const soFar: ResolvedStep = {
    step,
    command: wordsSoFar(step.command),
    probe: null,
    check: null,
    params: {},
    env: Object.fromEntries(
      Object.entries(step.env).flatMap(([name, late]) =>
        late.kind === 'known' ? [[name, late.value] as const] : [],
      ),
    ),
    inputs: { ports: {}, files: [] },
  };
  const made = await fingerprintOf(soFar, null, context);
  return made.ok ? made.value.fingerprint : null;
}

const wordsSoFar = (command: Command): Words =>
  command.kind === 'shell' ? textSoFar(command.text) : command.words.map(textSoFar);

/** A space for what is not known: names on both sides stay names of their own. */
const textSoFar = (late: Late<Json>): string =>
  late.kind === 'known'
    ? String(late.value)
    : late.parts.map(part => (part.kind === 'text' ? part.text : ' ')).join('');
