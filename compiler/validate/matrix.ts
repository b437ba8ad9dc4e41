/**
 * A step's matrix: axes, and combinations to add or leave out (language.md §5). Unaware of how many
 * instances it makes, and of their addresses.
 */
import { LIMITS } from '../limits.ts';
import type { Entries, ValueNode } from '../syntax.ts';
import { isName } from './names.ts';
import {
  child,
  type Field,
  type Reader,
  readItems,
  readMap,
  readNames,
  refuseShape,
} from './reader.ts';
import { readValue } from './values.ts';

/** What is sound of it. The rest is marked as broken: half a matrix names other instances than meant. */
export function readMatrix(reader: Reader, field: Field): Entries<ValueNode> | undefined {
  const entries = readNames(reader, field, LIMITS.axes);
  if (entries === undefined) return undefined;
  const axes = new Map<
    string,
    { readonly key: { value: string; span: Field['key'] }; readonly value: ValueNode }
  >();
  for (const [name, { key, value }] of entries) {
    const axis = child(field, name, key.span, value);
    const combinations = name === 'include' || name === 'exclude';
    const read = combinations
      ? readCombinations(reader, axis)
      : isName(reader, 'axis', key, axis) && readAxis(reader, axis);
    if (read) axes.set(name, { key, value });
  }
  return axes;
}

function readAxis(reader: Reader, field: Field): boolean {
  const { node } = field;
  if (node.kind === 'text' && node.value.includes('${{')) return true;
  const items = readItems(reader, field, 'axis');
  return items?.map(item => isAxisValue(reader, item)).every(Boolean) ?? false;
}

function isAxisValue(reader: Reader, field: Field): boolean {
  const { node } = field;
  const nothing = node.kind === 'scalar' && node.value === null;
  if (nothing || node.kind === 'list') return refuseShape(reader, field, 'axis-value') ?? false;
  return readValue(reader, field) !== undefined;
}

function readCombinations(reader: Reader, field: Field): boolean {
  const items = readItems(reader, field, 'combinations');
  return items?.map(item => isCombination(reader, item)).every(Boolean) ?? false;
}

function isCombination(reader: Reader, field: Field): boolean {
  const entries = readMap(reader, field);
  if (entries === undefined) return false;
  return [...entries]
    .map(([name, { key, value }]) => {
      const entry = child(field, name, key.span, value);
      return isName(reader, 'axis', key, entry) && isAxisValue(reader, entry);
    })
    .every(Boolean);
}
