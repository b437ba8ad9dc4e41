/**
 * What a plain scalar means: the core schema of YAML 1.2 (chapter 10.3), and nothing of 1.1, so
 * `yes`, `on` and `12:30` are text. Unaware of where the scalar stands.
 */

export type Scalar =
  | { readonly kind: 'text' }
  | { readonly kind: 'scalar'; readonly value: number | boolean | null };

const NULL = /^(?:~|null|Null|NULL|)$/;
const TRUE = /^(?:true|True|TRUE)$/;
const FALSE = /^(?:false|False|FALSE)$/;
const INTEGER = /^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const INFINITE = /^([-+]?)\.(?:inf|Inf|INF)$/;
const NOT_A_NUMBER = /^\.(?:nan|NaN|NAN)$/;

export function plainScalar(source: string): Scalar {
  if (NULL.test(source)) return { kind: 'scalar', value: null };
  if (TRUE.test(source)) return { kind: 'scalar', value: true };
  if (FALSE.test(source)) return { kind: 'scalar', value: false };
  if (INTEGER.test(source) || FLOAT.test(source)) return { kind: 'scalar', value: Number(source) };
  const infinite = INFINITE.exec(source);
  if (infinite !== null)
    return { kind: 'scalar', value: infinite[1] === '-' ? -Infinity : Infinity };
  return NOT_A_NUMBER.test(source) ? { kind: 'scalar', value: Number.NaN } : { kind: 'text' };
}

/** Was it written as a whole number? `1.0` and `1e3` were not. */
export const writtenAsInteger = (source: string): boolean => INTEGER.test(source);
