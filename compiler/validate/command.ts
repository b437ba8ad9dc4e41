/**
 * A command: a text for the shell, or a program and its arguments. Unaware of whose it is and of
 * the expressions in it.
 */
import type { Text, ValueNode } from '../syntax.ts';
import {
  type Field,
  NOTHING,
  type Reader,
  readEach,
  readText,
  readWritten,
  refuseShape,
} from './reader.ts';

export function readCommand(reader: Reader, field: Field): Text | readonly Text[] | undefined {
  const { node } = field;
  if (isNothing(node)) return refuseShape(reader, field, 'text-or-texts', NOTHING);
  if (node.kind !== 'list') return readText(reader, field, 'text-or-texts');
  return readEach(reader, field, item => readWritten(reader, item), 'texts');
}

/** A command that would do nothing, and succeed. */
function isNothing(node: ValueNode): boolean {
  if (node.kind === 'text') return node.value.trim() === '';
  if (node.kind !== 'list') return false;
  const [program] = node.items;
  return program === undefined || (program.kind === 'text' && isNothing(program));
}
