/**
 * Reads tokens into a tree. One expression has at most one syntax fault: after the first, anything
 * further would be a guess. Nesting is bounded by the number of tokens. Unaware of names' meaning.
 */
import type { BinaryOperator } from '../../schema/expression.ts';
import { PRECEDENCE } from '../../schema/expression-text.ts';
import type { Fault, Token } from './token.ts';
import type { Name, Tree } from './tree.ts';

export type Parsed =
  | { readonly ok: true; readonly tree: Tree }
  | { readonly ok: false; readonly fault: Fault };

/** Where the parser stands; each function below moves it on, or leaves a fault and undefined. */
type Cursor = { readonly tokens: readonly Token[]; at: number; fault: Fault | undefined };

export function parseTokens(tokens: readonly Token[]): Parsed {
  const cursor: Cursor = { tokens, at: 0, fault: undefined };
  const [first] = tokens;
  if (first?.kind === 'end') {
    return { ok: false, fault: { kind: 'empty-expression', start: first.start, end: first.end } };
  }
  const tree = conditional(cursor);
  if (tree !== undefined && peek(cursor).kind !== 'end') unexpected(cursor, 'an operator');
  if (cursor.fault !== undefined) return { ok: false, fault: cursor.fault };
  if (tree === undefined) throw new Error('bug: an expression without tree and without fault');
  return { ok: true, tree };
}

function conditional(cursor: Cursor): Tree | undefined {
  const test = binary(cursor, 0);
  if (test === undefined || take(cursor, '?') === undefined) return test;
  const then = conditional(cursor);
  if (then === undefined) return undefined;
  if (take(cursor, ':') === undefined) return unexpected(cursor, '`:`');
  const otherwise = conditional(cursor);
  if (otherwise === undefined) return undefined;
  return { kind: 'conditional', test, then, otherwise, start: test.start, end: otherwise.end };
}

/** Precedence climbing over the rows of PRECEDENCE; all group to the left. */
function binary(cursor: Cursor, level: number): Tree | undefined {
  let left = unary(cursor);
  while (left !== undefined) {
    const token = peek(cursor);
    const row = token.kind === 'operator' ? rowOf(token.text) : -1;
    if (row < level) return left;
    cursor.at += 1;
    const right = binary(cursor, row + 1);
    if (right === undefined) return undefined;
    const operator = operatorOf(token.text);
    if (operator === undefined) throw new Error('bug: a row without its operator');
    const { start } = left;
    left = { kind: 'binary', operator, operatorAt: token, left, right, start, end: right.end };
  }
  return left;
}

const operatorOf = (text: string): BinaryOperator | undefined =>
  PRECEDENCE.flat().find(operator => operator === text);

const rowOf = (text: string): number =>
  PRECEDENCE.findIndex(row => row.some(operator => operator === text));

function unary(cursor: Cursor): Tree | undefined {
  const token = peek(cursor);
  const operator = token.text === '!' || token.text === '-' ? token.text : undefined;
  if (token.kind !== 'operator' || operator === undefined) return postfix(cursor);
  cursor.at += 1;
  const operand = unary(cursor);
  return operand && { kind: 'unary', operator, operand, start: token.start, end: operand.end };
}

function postfix(cursor: Cursor): Tree | undefined {
  let tree = primary(cursor);
  while (tree !== undefined) {
    const { start } = tree;
    if (take(cursor, '.') !== undefined) {
      const token = peek(cursor);
      if (token.kind !== 'name') return unexpected(cursor, 'a name');
      cursor.at += 1;
      tree = { kind: 'member', of: tree, member: nameOf(token), start, end: token.end };
    } else if (take(cursor, '[') !== undefined) {
      const at = conditional(cursor);
      if (at === undefined) return undefined;
      const close = take(cursor, ']');
      if (close === undefined) return unexpected(cursor, '`]`');
      tree = { kind: 'index', of: tree, at, start, end: close.end };
    } else {
      return tree;
    }
  }
  return tree;
}

function primary(cursor: Cursor): Tree | undefined {
  const token = peek(cursor);
  const { start, end } = token;
  if (token.kind === 'number') {
    cursor.at += 1;
    const type = /^[0-9]+$/.test(token.text) ? 'int' : 'float';
    return { kind: 'literal', value: Number(token.text), type, start, end };
  }
  if (token.kind === 'string') {
    cursor.at += 1;
    return { kind: 'literal', value: token.text, type: 'string', start, end };
  }
  if (token.kind === 'name') return named(cursor, token);
  if (take(cursor, '(') !== undefined) {
    const inside = conditional(cursor);
    if (inside === undefined) return undefined;
    const close = take(cursor, ')');
    return close === undefined ? unexpected(cursor, '`)`') : { ...inside, start, end: close.end };
  }
  if (take(cursor, '[') !== undefined) {
    const items = listed(cursor, ']');
    return items && { kind: 'list', items: items.trees, start, end: items.end };
  }
  return unexpected(cursor, 'a value');
}

function named(cursor: Cursor, token: Token): Tree | undefined {
  cursor.at += 1;
  const { start, end, text } = token;
  if (take(cursor, '(') !== undefined) {
    const given = listed(cursor, ')');
    return (
      given && {
        kind: 'call',
        function: nameOf(token),
        arguments: given.trees,
        start,
        end: given.end,
      }
    );
  }
  if (text === 'true' || text === 'false') {
    return { kind: 'literal', value: text === 'true', type: 'bool', start, end };
  }
  if (text === 'null') return { kind: 'literal', value: null, type: 'null', start, end };
  return { kind: 'name', name: text, start, end };
}

/** What stands between commas, up to and with `close`. */
function listed(
  cursor: Cursor,
  close: ')' | ']',
): { readonly trees: readonly Tree[]; readonly end: number } | undefined {
  const trees: Tree[] = [];
  for (;;) {
    const last = take(cursor, close);
    if (last !== undefined) return { trees, end: last.end };
    if (trees.length > 0 && take(cursor, ',') === undefined) {
      return unexpected(cursor, `\`,\` or \`${close}\``);
    }
    const tree = conditional(cursor);
    if (tree === undefined) return undefined;
    trees.push(tree);
  }
}

const nameOf = ({ text, start, end }: Token): Name => ({ name: text, start, end });

function peek(cursor: Cursor): Token {
  const token = cursor.tokens[cursor.at];
  if (token === undefined) throw new Error('bug: tokens end without an end');
  return token;
}

function take(cursor: Cursor, operator: string): Token | undefined {
  const token = peek(cursor);
  if (token.kind !== 'operator' || token.text !== operator) return undefined;
  cursor.at += 1;
  return token;
}

function unexpected(cursor: Cursor, wanted: string): undefined {
  const before = cursor.tokens[cursor.at - 1];
  const wordy = before?.kind === 'name' && before.text === 'not' && wanted === 'an operator';
  // `not done`: the word in front is what is wrong, and not the name behind it.
  const { kind, text, start, end } = wordy ? before : peek(cursor);
  if (wordy)
    cursor.fault ??= { kind: 'unexpected-token', found: text, wanted: 'a value', start, end };
  const found = kind === 'end' ? '' : text;
  cursor.fault ??= { kind: 'unexpected-token', found, wanted, start, end };
  return undefined;
}
