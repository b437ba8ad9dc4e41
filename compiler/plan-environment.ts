/**
 * The environment that an instance declares: what its pipeline says, and over it what the step says.
 * Instances that differ in nothing have one in common, or a thousand variables of a thousand steps
 * would be a million. Unaware of commands.
 */
import type { Late } from '../schema/expression.ts';
import type { Instance } from './instance.ts';
import { frameEnv, stepMeaning, type Wired, type World } from './meaning.ts';
import { ownRecord } from './params-value.ts';
import type { Entries, Text } from './syntax.ts';
import { textValue } from './value.ts';

export type Environment = ReadonlyMap<string, Late<string>>;

/** By what the pipeline says, then by what the step says. */
const common = new WeakMap<Environment, WeakMap<Entries<Text>, Environment>>();

export function environmentOf(
  instance: Instance,
  wired: Omit<Wired, 'env'>,
  work: World,
): Environment {
  const shared = frameEnv(instance.frame, work);
  const written = instance.step.settings.env;
  if (written === undefined) return shared;
  if ([...written.values()].some(({ value }) => value.value.includes('${{')))
    return overlaid(shared, instance, wired, work);
  const known = common.get(shared) ?? new WeakMap<Entries<Text>, Environment>();
  common.set(shared, known);
  const made = known.get(written) ?? overlaid(shared, instance, wired, work);
  known.set(written, made);
  return made;
}

function overlaid(
  shared: Environment,
  instance: Instance,
  wired: Omit<Wired, 'env'>,
  work: World,
): Environment {
  const meaning = stepMeaning(instance, { ...wired, env: shared }, work);
  const env = new Map(shared);
  for (const [name, { value: text }] of instance.step.settings.env ?? []) {
    const late = textValue(text, 'text', meaning)?.late;
    if (late !== undefined) env.set(name, asText(late));
  }
  return env;
}

/** A value as the text that a process is given. */
export const asText = (late: Late): Late<string> =>
  late.kind === 'known' ? { kind: 'known', value: String(late.value) } : late;

const records = new WeakMap<Environment, Readonly<Record<string, Late<string>>>>();

/** As a Plan holds it. */
export function recordOf(env: Environment): Readonly<Record<string, Late<string>>> {
  const known = records.get(env) ?? ownRecord(env);
  records.set(env, known);
  return known;
}
