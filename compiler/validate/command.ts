/**
 * A command: a text for the shell, or a program and its arguments. Unaware of whose it is and of
 * the expressions in it.
 */
import type { Text, ValueNode } from '../syntax.ts';
import {
  type Field,
  placeOf,
  type Reader,
  readEach,
  readText,
  readWritten,
  refuse,
} from './reader.ts';

export function readCommand(reader: Reader, field: Field): Text | readonly Text[] | undefined {
  const { node, path } = field;
  if (isNothing(node)) {
    const found = { kind: 'nothing', source: '' } as const;
    const expected = 'text-or-texts';
    return refuse(reader, field, {
      kind: 'wrong-shape',
      at: placeOf(field),
      path,
      expected,
      found,
    });
  }
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
