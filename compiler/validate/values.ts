/**
 * Values whose shape the language does not fix (`with`, `matrix`, defaults): only their numbers are
 * looked at, at any depth. Unaware of what they are for.
 */
import type { Json } from '../../schema/canonical-json.ts';
import type { ValueNode } from '../syntax.ts';
import { numberFlaw } from './numbers.ts';
import { type Field, type Reader, refuse, refuseShape } from './reader.ts';

/** The value as it is, once every part of it is sound. */
export function readValue(reader: Reader, field: Field): ValueNode | undefined {
  return isSound(reader, field.node, new Set()) ? field.node : refuse(reader, field);
}

/** `seen`: what aliases share is looked at once. */
function isSound(reader: Reader, node: ValueNode, seen: Set<ValueNode>): boolean {
  if (reader.unread.has(node)) return false;
  switch (node.kind) {
    case 'text':
      return true;
    case 'scalar': {
      if (typeof node.value !== 'number') return true;
      const flaw = numberFlaw(node.value, node.source, node.span);
      if (flaw !== undefined) reader.problems.push(flaw);
      return flaw === undefined;
    }
    case 'list':
      return allSound(reader, node, node.items, seen);
    case 'map':
      return allSound(
        reader,
        node,
        [...node.entries.values()].map(entry => entry.value),
        seen,
      );
  }
}

function allSound(
  reader: Reader,
  node: ValueNode,
  parts: readonly ValueNode[],
  seen: Set<ValueNode>,
): boolean {
  if (seen.has(node)) return true;
  seen.add(node);
  let sound = true;
  for (const part of parts) if (!isSound(reader, part, seen)) sound = false;
  return sound;
}

/** As plain data, own data only: `__proto__` becomes a key like any other. */
export function toJson(node: ValueNode): Json {
  switch (node.kind) {
    case 'text':
    case 'scalar':
      return node.value;
    case 'list':
      return node.items.map(toJson);
    case 'map':
      return Object.fromEntries(
        [...node.entries].map(([name, { value }]) => [name, toJson(value)]),
      );
  }
}

/** A literal: sound, and without an expression anywhere. */
export function readConstant(reader: Reader, field: Field): Json | undefined {
  if (field.node.kind === 'scalar' && field.node.value === null && field.node.source === '')
    return refuseShape(reader, field, 'value');
  const value = readValue(reader, field);
  return value !== undefined && isConstant(reader, field) ? toJson(value) : undefined;
}

/** Reports an expression where there can be none. */
export function isConstant(reader: Reader, field: Field): boolean {
  const { path, node } = field;
  const expression = expressionIn(node);
  if (expression === undefined) return true;
  refuse(reader, field, { kind: 'expression-not-allowed', at: expression.span, path });
  return false;
}

function expressionIn(node: ValueNode): ValueNode | undefined {
  if (node.kind === 'text') return node.value.includes('${{') ? node : undefined;
  if (node.kind === 'scalar') return undefined;
  const parts = node.kind === 'list' ? node.items : [...node.entries.values()].map(e => e.value);
  for (const part of parts) {
    const found = expressionIn(part);
    if (found !== undefined) return found;
  }
  return undefined;
}
