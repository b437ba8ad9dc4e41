/**
 * An expression as an author wrote it: names not yet resolved, every part with its place in the
 * text. Made by parser.ts, read by check.ts and lower.ts. Unaware of what names mean.
 */
import type { BinaryOperator } from '../../schema/expression.ts';
import type { Text } from '../syntax.ts';

/** Half-open range of offsets in the text that holds the expression. */
export type Place = { readonly start: number; readonly end: number };

export type Name = Place & { readonly name: string };

export type Tree = Place &
  (
    | {
        readonly kind: 'literal';
        readonly value: number | string | boolean | null;
        readonly type: LiteralType;
      }
    | { readonly kind: 'list'; readonly items: readonly Tree[] }
    /** A name that stands alone or in front of a dot: `params`, `eval`. */
    | { readonly kind: 'name'; readonly name: string }
    | { readonly kind: 'member'; readonly of: Tree; readonly member: Name }
    | { readonly kind: 'index'; readonly of: Tree; readonly at: Tree }
    | { readonly kind: 'unary'; readonly operator: '!' | '-'; readonly operand: Tree }
    | {
        readonly kind: 'binary';
        readonly operator: BinaryOperator;
        readonly operatorAt: Place;
        readonly left: Tree;
        readonly right: Tree;
      }
    | {
        readonly kind: 'conditional';
        readonly test: Tree;
        readonly then: Tree;
        readonly otherwise: Tree;
      }
    | { readonly kind: 'call'; readonly function: Name; readonly arguments: readonly Tree[] }
  );

/** `1.0` is a float, though its value could be an integer's. */
type LiteralType = 'int' | 'float' | 'string' | 'bool' | 'null';

/** A parsed expression with the text that its places count in. */
export type ParsedExpression = { readonly tree: Tree; readonly text: Text };

/** A string split at its `${{ … }}`. */
export type SyntaxPart =
  | ({ readonly kind: 'text'; readonly value: string } & Place)
  /** The place includes the braces. */
  | ({ readonly kind: 'expression'; readonly expression: ParsedExpression } & Place);
