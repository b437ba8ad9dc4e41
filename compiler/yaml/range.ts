/**
 * Where a node of the library's begins and ends. Unaware of what it holds.
 */
import { isAlias, isMap, isPair, isScalar, isSeq } from 'yaml';

type Range = { readonly start: number; readonly end: number };

/** A block ends where its last value does, not where the white space behind it does. */
export function rangeOf(node: unknown): Range | undefined {
  const own = ownRange(node);
  return own === undefined ? undefined : { start: own.start, end: endOf(node) };
}

function ownRange(node: unknown): Range | undefined {
  if (!(isScalar(node) || isSeq(node) || isMap(node) || isAlias(node))) return undefined;
  const { range } = node;
  return range === null || range === undefined ? undefined : { start: range[0], end: range[1] };
}

function endOf(node: unknown): number {
  let end = 0;
  for (let inner = node; ; ) {
    const last = lastOfBlock(inner);
    if (last === undefined) return Math.max(end, ownRange(inner)?.end ?? 0);
    if (isPair(last)) end = Math.max(end, ownRange(last.key)?.end ?? 0);
    inner = isPair(last) ? last.value : last;
  }
}

function lastOfBlock(node: unknown): unknown {
  const holds = (isSeq(node) || isMap(node)) && node.flow !== true;
  return holds ? node.items.at(-1) : undefined;
}
