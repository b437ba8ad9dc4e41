/**
 * Reads one value of `in` (or of a pipeline's `outputs`): a reference to a step's output, or a path
 * of the project. Unaware of which steps there are.
 */
import type { Span } from '../schema/diagnostic.ts';
import { parseSelector, type SelectorPair } from './expand-address.ts';
import type { WiringProblem } from './problems/wiring.ts';
import type { Spanned } from './syntax.ts';

export type Selector =
  | { readonly kind: 'all' }
  | {
      readonly kind: 'some';
      readonly text: string;
      readonly pairs: readonly SelectorPair[];
      readonly at: Span;
      readonly axisAt: (pair: SelectorPair) => Span;
    };

export type Reference =
  | { readonly kind: 'path'; readonly path: Spanned<string> }
  | {
      readonly kind: 'output';
      readonly step: Spanned<string>;
      readonly selector: Selector | undefined;
      /** Undefined for `step` alone: the port that fits is meant. */
      readonly port: Spanned<string> | undefined;
      readonly at: Span;
    };

/** A value of `in` after its expressions are evaluated, with the places of its characters. */
export type Written = {
  readonly value: string;
  readonly span: Span;
  readonly part: (start: number, end: number) => Span;
};

const REFERENCE = /^([^\s.[\]/\\*=]+)(?:\[(.*)\])?(?:\.([^\s.[\]/\\*=]+))?$/u;

export function readReference(
  text: Written,
):
  | { readonly ok: true; readonly reference: Reference }
  | { readonly ok: false; readonly problem: WiringProblem<'malformed-reference'> } {
  const { value, span } = text;
  if (/^\.\.?(\/|$)|^\/|^[A-Za-z]:\\/.test(value)) {
    return { ok: true, reference: { kind: 'path', path: { value, span } } };
  }
  const match = REFERENCE.exec(value);
  const [, step, inner, port] = match ?? [];
  const selector = inner === undefined ? undefined : readSelector(text, inner);
  if (step === undefined || (inner !== undefined && selector === undefined)) {
    const file = /[/\\]/.test(value) && !/[\s[\]*]/.test(value);
    return { ok: false, problem: { kind: 'malformed-reference', at: span, text: value, file } };
  }
  const portAt = value.length - (port?.length ?? 0);
  return {
    ok: true,
    reference: {
      kind: 'output',
      step: { value: step, span: text.part(0, step.length) },
      selector,
      port: port === undefined ? undefined : { value: port, span: text.part(portAt, value.length) },
      at: span,
    },
  };
}

function readSelector({ value, part }: Written, inner: string): Selector | undefined {
  if (inner.trim() === '*') return { kind: 'all' };
  const pairs = parseSelector(inner);
  if (pairs === undefined) return undefined;
  const start = value.indexOf('[') + 1;
  return {
    kind: 'some',
    text: inner,
    pairs,
    at: part(start, start + inner.length),
    axisAt: pair => part(start + pair.at, start + pair.at + pair.axis.length),
  };
}
