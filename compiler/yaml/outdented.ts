/**
 * A line that stands too far out makes YAML stumble over the line below it, which is as it was
 * meant: `in:` in the first column among the keys of a step. Unaware of what the lines say.
 */
import { isBareKey, keyOf, type Line, linesOf, restOf } from './line.ts';

/** The beginning of the line that stands too far out and makes the one at `offset` look wrong. */
export function outdentedBefore(text: string, offset: number): number | undefined {
  const lines = linesOf(text);
  // White space before a line may be what was marked.
  const marked = lines.findLastIndex(({ start, indent }) => start + indent <= offset);
  for (const below of [marked, marked + 1]) {
    const { indent } = lines[below] ?? { indent: 0 };
    const owner = lines.findLastIndex((line, at) => at < below && line.indent < indent);
    const above = [below - 1, owner].find(at => depthMeant(lines, at) !== undefined);
    if (above !== undefined) return lines[above]?.start;
  }
  return undefined;
}

/** How deep a line was meant to stand; undefined where it is not too far out. */
export function depthMeant(lines: readonly Line[], at: number): number | undefined {
  const [above, line, below] = [lines[at - 1], lines[at], lines[at + 1]];
  if (above === undefined || line === undefined || below === undefined) return undefined;
  if (keyOf(line) === undefined || keyOf(below) === undefined) return undefined;
  if (below.indent <= line.indent) return undefined;
  return isBareKey(line) ? ofOwner(lines, at) : ofEntry(above, line, below);
}

/** With a value, it can own nothing: what is deeper below it is its neighbour. */
function ofEntry(above: Line, line: Line, below: Line): number | undefined {
  if (!COMPLETE.test(restOf(line))) return undefined;
  if (isBareKey(above) && above.indent >= line.indent)
    return Math.max(below.indent, above.indent + 1);
  return above.indent >= below.indent ? above.indent : undefined;
}

const COMPLETE = /^(?:[\w$./].*|\{.*\}|\[.*\]|".*"|'.*')$/;

/** The first below a key that owns nothing, with a line further on that says how deep it was meant. */
function ofOwner(lines: readonly Line[], at: number): number | undefined {
  const { indent } = lines[at] ?? { indent: 0 };
  const above = lines[at - 1];
  if (above === undefined || !isBareKey(above) || above.indent !== indent) return undefined;
  const depth = lines[at + 1]?.indent ?? 0;
  const next = lines.find((line, index) => index > at && line.indent < depth);
  return next !== undefined && next.indent > indent ? next.indent : undefined;
}
