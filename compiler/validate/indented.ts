/**
 * An indentation that is missing makes what belongs below a name stand beside it: `prep:` with
 * nothing or not all below, and then `run:`. Told once, and not of each of the keys. Unaware of what
 * they say.
 */
import type { Entries, ValueNode } from '../syntax.ts';
import type { Field, Reader } from './reader.ts';

type Judge = {
  /** May this be a name that has things below it? */
  readonly isOwner: (name: string) => boolean;
  /** Does this belong below such a name, and never beside it? `isEmpty`: there is nothing below it. */
  readonly isInner: (name: string, value: ValueNode, isEmpty: boolean) => boolean;
};

/** A map without what belongs deeper, which is reported; its owner is one that cannot be read. */
export function asIndented(
  reader: Reader,
  field: Field,
  judge: Judge,
): { readonly reader: Reader; readonly field: Field } {
  const { node, path } = field;
  if (node.kind !== 'map') return { reader, field };
  const kept = new Map(node.entries);
  const unread = new Set(reader.unread);
  const groups = misplaced(node.entries, judge).filter(
    ({ owner }) => !reader.unread.has(owner.value),
  );
  if (groups.every(({ inner }) => inner.length === 0)) return { reader, field };
  for (const { owner, inner } of groups) {
    // Without its keys, where others have taken their names: the same slip, and said already.
    if (inner.length > 0 || isEmpty(owner.value)) unread.add(owner.value);
    if (inner.length === 0) continue;
    const names = inner.map(({ key }) => key.value);
    const own = [...path, owner.key.value];
    reader.problems.push({
      kind: 'not-indented',
      at: owner.key.span,
      path: own,
      names,
      inner: inner.map(({ key }) => key.span),
    });
    for (const name of names) kept.delete(name);
    for (const name of names) reader.broken.add([...path, name].join('.'));
    reader.broken.add(own.join('.'));
  }
  return { reader: { ...reader, unread }, field: { ...field, node: { ...node, entries: kept } } };
}

type Entry = Entries<ValueNode> extends ReadonlyMap<string, infer E> ? E : never;

function misplaced(entries: Entries<ValueNode>, { isOwner, isInner }: Judge) {
  const found: { readonly owner: Entry; readonly inner: Entry[] }[] = [];
  let last: { readonly owner: Entry; readonly inner: Entry[] } | undefined;
  for (const [name, entry] of entries) {
    const { value } = entry;
    if (last !== undefined && isInner(name, value, isEmpty(last.owner.value)))
      last.inner.push(entry);
    else {
      const mayOwn = isOwner(name) && (value.kind === 'map' || isEmpty(value));
      last = mayOwn ? { owner: entry, inner: [] } : undefined;
      if (last !== undefined) found.push(last);
    }
  }
  return found;
}

const isEmpty = (value: ValueNode): boolean => value.kind === 'scalar' && value.source === '';
