/**
 * Expressions `${{ … }}` as data. The compiler parses and type-checks them; what it cannot decide
 * (a field of another step's result) travels in the Plan, and the runner evaluates it with the same
 * function. Unaware of YAML and of where values come from.
 */
import type { Json } from './canonical-json.ts';

export type Expression =
  | { readonly kind: 'literal'; readonly value: Json }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  /** `params.lr`, `matrix.fold`, `env.SEED`, `git.commit`: gone from a Plan, decided by the compiler. */
  | { readonly kind: 'variable'; readonly scope: Scope; readonly name: string }
  /** `in.train`, `out.model`: a path inside the working directory. Gone from a Plan as well. */
  | { readonly kind: 'path'; readonly side: 'in' | 'out'; readonly port: string }
  /** `eval.metrics.accuracy`: known once `step` has finished. */
  | {
      readonly kind: 'result';
      readonly step: string;
      readonly port: string;
      readonly fields: readonly string[];
    }
  | { readonly kind: 'index'; readonly of: Expression; readonly at: Expression }
  | { readonly kind: 'unary'; readonly operator: '!' | '-'; readonly operand: Expression }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: 'conditional';
      readonly test: Expression;
      readonly then: Expression;
      readonly otherwise: Expression;
    }
  | {
      readonly kind: 'call';
      readonly function: string;
      readonly arguments: readonly Expression[];
    };

export type Scope = 'params' | 'matrix' | 'env' | 'git';

export type BinaryOperator =
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '=='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | '&&'
  | '||';

/**
 * A value that is known now, or text and expressions that the runner joins later.
 * `parts` of one expression keep the expression's type; several are joined as text.
 */
export type Late<T extends Json = Json> =
  | { readonly kind: 'known'; readonly value: T }
  | { readonly kind: 'late'; readonly parts: readonly TemplatePart[] };

export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  /** `quote: 'word'`: becomes exactly one shell word, whatever it holds. */
  | {
      readonly kind: 'expression';
      readonly expression: Expression;
      readonly quote: 'word' | 'none';
    };
