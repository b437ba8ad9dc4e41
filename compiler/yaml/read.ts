/**
 * Bytes to a tree of values, or the reasons why not: decode → screen → everyday, or else mend →
 * compose → tree. The one way in for pipelines, manifests, configs and settings. Unaware of what they mean.
 */
import { LIMITS } from '../limits.ts';
import type { SyntaxProblem } from '../problems/syntax.ts';
import type { Source } from '../source.ts';
import { type Composed, compose, LOCAL } from './compose.ts';
import { decode } from './decode.ts';
import { readEveryday } from './everyday.ts';
import { mendSlips, type Slip } from './slips.ts';
import { type Tree, tree } from './tree.ts';

export type YamlFile = {
  readonly source: Source;
  readonly tree: Tree | undefined;
  /** All that is wrong with the file as YAML. */
  readonly problems: readonly SyntaxProblem[];
  /** Offset from which on the text could not be relied on; undefined when all of it could. */
  readonly brokenFrom: number | undefined;
};

/** `most`: bytes that the file may have. */
export function readYaml(file: string, bytes: Uint8Array, most: number): YamlFile {
  const { source, problems } = decode(file, bytes, most);
  if (problems.length > 0) return { source, tree: undefined, problems, brokenFrom: 0 };
  const values = Math.floor(most / LIMITS.bytesPerValue);
  const everyday = readEveryday(source, values);
  if (everyday.kind === 'read') {
    const grown: Tree = { root: everyday.root, broken: new Set(), problems: [] };
    return { source, tree: grown, problems: [], brokenFrom: undefined };
  }
  if (everyday.kind === 'too-many') {
    const at = source.span(everyday.at, everyday.at + 1);
    const limit = { kind: 'values', most: values } as const;
    const tooMany = { kind: 'file-too-large', at, limit } as const;
    return { source, tree: undefined, problems: [tooMany], brokenFrom: 0 };
  }
  return readComplete(source, everyday.at);
}

/** By the complete parser, which the text needs from `unusual` on. */
function readComplete(source: Source, unusual: number): YamlFile {
  const { composed, slips } = composeMended(source, unusual);
  const found = [...slips.map(slip => slipProblem(source, slip)), ...composed.problems];
  if (composed.document === undefined)
    return { source, tree: undefined, problems: found, brokenFrom: 0 };
  const grown = tree(source, composed.document, slips);
  const brokenFrom = composed.problems.find(problem => !isLocal(problem))?.at.start;
  // What stands behind a slip in the structure is not what was meant.
  const sure = grown.problems.filter(
    ({ at }) => at.start < (brokenFrom ?? Number.POSITIVE_INFINITY),
  );
  return { source, tree: grown, problems: [...found, ...sure], brokenFrom };
}

/** Slips are looked for only where YAML has stumbled: each of them makes it stumble. */
function composeMended(
  source: Source,
  unusual: number,
): {
  readonly composed: Composed;
  readonly slips: readonly Slip[];
} {
  const asWritten = compose(source, source.text, unusual);
  const [first] = asWritten.problems;
  if (first === undefined || first.kind === 'file-too-large')
    return { composed: asWritten, slips: [] };
  const { text, slips } = mendSlips(source.text);
  return { composed: slips.length === 0 ? asWritten : compose(source, text, unusual), slips };
}

const isLocal = (problem: SyntaxProblem): boolean =>
  problem.kind === 'several-documents' ||
  (problem.kind === 'yaml-syntax' && LOCAL.has(problem.slip));

const slipProblem = (source: Source, { kind, start, end }: Slip): SyntaxProblem => ({
  kind: kind === 'expression' ? 'unquoted-expression' : 'unquoted-reference',
  at: source.span(start, end),
  text: source.text.slice(start, end),
});
