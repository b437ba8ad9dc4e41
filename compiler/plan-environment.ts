/**
 * The environment that an instance declares: what its pipeline says, and over it what the step says.
 * Instances that differ in nothing have one in common, or a thousand variables of a thousand steps
 * would be a million. Unaware of commands.
 */
import type { Late } from '../schema/expression.ts';
import type { Instance } from './instance.ts';
import { environmentMeaning, frameEnv, type Wired, type World } from './meaning.ts';
import { ownRecord } from './params-value.ts';
import type { Entries, Text } from './syntax.ts';
import { computed, textValue } from './value.ts';

export type Environment = Readonly<Record<string, Late<string>>>;

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
  if (computed(written).length > 0) return overlaid(shared, instance, wired, work);
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
  const meaning = environmentMeaning(instance, wired, work);
  const own: (readonly [string, Late<string>])[] = [];
  for (const [name, { value: text }] of instance.step.settings.env ?? []) {
    const late = textValue(text, 'text', meaning)?.late;
    if (late !== undefined) own.push([name, asText(late)]);
  }
  // Spread, a long record is copied twenty times faster than made of its entries.
  return { ...shared, ...ownRecord(own) };
}

/** A value as the text that a process is given. */
export const asText = (late: Late): Late<string> =>
  late.kind === 'known' ? { kind: 'known', value: String(late.value) } : late;
