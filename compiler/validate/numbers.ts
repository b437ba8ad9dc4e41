/**
 * Readers of numbers: whole or not, within a range, exact or refused. Unaware of which document they
 * read.
 */
import type { Span } from '../../schema/diagnostic.ts';
import type { SyntaxProblem } from '../problems/syntax.ts';
import type { Spanned } from '../syntax.ts';
import { writtenAsInteger } from '../yaml/scalar.ts';
import { type Field, type Reader, refuse, refuseShape } from './reader.ts';

export type Range = { readonly least?: number; readonly most?: number };

export function readNumber(
  reader: Reader,
  field: Field,
  range: Range = {},
): Spanned<number> | undefined {
  const { node } = field;
  if (node.kind !== 'scalar' || typeof node.value !== 'number')
    return refuseShape(reader, field, 'number');
  const flaw = numberFlaw(node.value, node.source, node.span);
  if (flaw !== undefined) return refuse(reader, field, flaw);
  const { least, most } = range;
  const { value, source, span } = node;
  if ((least === undefined || value >= least) && (most === undefined || value <= most))
    return { value, span };
  const { path } = field;
  return refuse(reader, field, {
    kind: 'number-out-of-range',
    at: span,
    path,
    source,
    least,
    most,
  });
}

export function readInteger(
  reader: Reader,
  field: Field,
  range: Range = {},
): Spanned<number> | undefined {
  const { node } = field;
  const whole =
    node.kind === 'scalar' &&
    typeof node.value === 'number' &&
    !(node.value % 1 !== 0 && Number.isFinite(node.value));
  return whole ? readNumber(reader, field, range) : refuseShape(reader, field, 'whole-number');
}

/** Whole numbers are exact or refused; nothing is infinite or not a number. */
export function numberFlaw(value: number, source: string, at: Span): SyntaxProblem | undefined {
  if (writtenAsInteger(source) && !Number.isSafeInteger(value))
    return { kind: 'number-not-exact', at, source };
  return Number.isFinite(value) ? undefined : { kind: 'number-not-finite', at, source };
}
