/**
 * Finds the instances that a reference means: the one step, all of a matrix, those with certain
 * values. Finding one of many by all its axes is one look-up. Unaware of ports.
 */

import { addressText } from './expand-address.ts';
import type { Group, Member } from './instance.ts';
import { LIMITS } from './limits.ts';
import type { Reference, Selector } from './link-reference.ts';
import type { WiringProblem } from './problems/wiring.ts';

type Output = Extract<Reference, { readonly kind: 'output' }>;

export type Selected =
  | {
      readonly ok: true;
      readonly members: readonly Member[];
      /** The reference speaks of several, however many there happen to be. */
      readonly many: boolean;
    }
  | { readonly ok: false; readonly problem: WiringProblem };

export function select(reference: Output, group: Group): Selected {
  const { step, selector, port, at } = reference;
  const { axes, members } = group;
  if (axes === undefined) {
    if (selector === undefined) return { ok: true, members, many: false };
    const repair = port === undefined ? step.value : `${step.value}.${port.value}`;
    return { ok: false, problem: { kind: 'not-a-matrix', at, step: step.value, repair } };
  }
  if (selector === undefined) {
    const example = members[0]?.id.slice(group.frame.prefix.length) ?? step.value;
    const name = port?.value ?? 'port';
    const instances = members.length;
    return {
      ok: false,
      problem: { kind: 'which-instance', at, step: step.value, port: name, instances, example },
    };
  }
  if (selector.kind === 'all') return { ok: true, members, many: true };
  return matching(step.value, selector, group, axes);
}

function matching(
  step: string,
  selector: Extract<Selector, { readonly kind: 'some' }>,
  group: Group,
  axes: readonly string[],
): Selected {
  const { text, at } = selector;
  // Whatever order they are written in, they choose the same.
  const pairs = selector.pairs.toSorted((a, b) => axes.indexOf(a.axis) - axes.indexOf(b.axis));
  const stranger = selector.pairs.find(pair => !axes.includes(pair.axis));
  if (stranger !== undefined) {
    const axis = { value: stranger.axis, span: selector.axisAt(stranger) };
    return { ok: false, problem: { kind: 'unknown-axis', step, axis, known: axes } };
  }
  const names = pairs.map(pair => pair.axis);
  const index = indexOf(group, names);
  if (index === undefined) {
    const limit = LIMITS.selections;
    return { ok: false, problem: { kind: 'too-many-selections', at, step, limit } };
  }
  const members = keys(pairs.map(pair => pair.values)).flatMap(key => index.get(key) ?? []);
  const [first, ...others] = members;
  if (first !== undefined) {
    // Whoever writes an instance's whole address means that one; anything shorter means several.
    const whole =
      others.length === 0 && [...(first.matrix?.keys() ?? [])].every(axis => names.includes(axis));
    return { ok: true, members, many: !whole };
  }
  const values = axes.map(axis => `${axis}: ${valuesOf(group, axis)}`);
  return {
    ok: false,
    problem: { kind: 'no-such-instance', at, step, selector: text, axes: values },
  };
}

/** Every way to read the values: `0.10` may be a number or a text. */
function keys(values: readonly (readonly string[])[]): readonly string[] {
  let made: readonly string[] = [''];
  for (const alternatives of values) {
    made = made.flatMap(key => alternatives.map(value => `${key}${value}\0`));
  }
  return made;
}

const indexes = new WeakMap<Group, Map<string, ReadonlyMap<string, readonly Member[]>>>();

/**
 * Members by what they have at some axes; made once for each set of axes that is asked for, which
 * may be so many and no more.
 */
function indexOf(
  group: Group,
  axes: readonly string[],
): ReadonlyMap<string, readonly Member[]> | undefined {
  const byAxes = indexes.get(group) ?? new Map<string, ReadonlyMap<string, readonly Member[]>>();
  indexes.set(group, byAxes);
  const name = axes.join('\0');
  const known = byAxes.get(name);
  if (known !== undefined || byAxes.size >= LIMITS.selections) return known;
  const index = Map.groupBy(group.members, ({ matrix }) =>
    axes.map(axis => `${addressText(matrix?.get(axis) ?? null)}\0`).join(''),
  );
  byAxes.set(name, index);
  return index;
}

const SHOWN = 6;

function valuesOf({ members }: Group, axis: string): string {
  const values = new Set<string>();
  for (const { matrix } of members) {
    const value = matrix?.get(axis);
    if (value !== undefined) values.add(addressText(value));
    if (values.size > SHOWN) break;
  }
  const shown = [...values].slice(0, SHOWN).join(', ');
  return values.size > SHOWN ? `${shown}, …` : shown;
}
