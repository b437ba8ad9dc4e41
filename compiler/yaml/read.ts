/**
 * Bytes to a tree of values, or the reasons why not: decode → screen → everyday, or else mend →
 * compose (and recover) → tree. The one way in for pipelines, manifests, configs and settings. Unaware of what they mean.
 */
import { LIMITS } from '../limits.ts';
import type { SyntaxProblem } from '../problems/syntax.ts';
import type { Source } from '../source.ts';
import { type Composed, compose } from './compose.ts';
import { decode } from './decode.ts';
import { readEveryday } from './everyday.ts';
import { type Lost, NOTHING_LOST, recover } from './recover.ts';
import { mendSlips, type Slip } from './slips.ts';
import { type Tree, tree } from './tree.ts';

export type YamlFile = {
  readonly source: Source;
  readonly tree: Tree | undefined;
  /** All that is wrong with the file as YAML. */
  readonly problems: readonly SyntaxProblem[];
  /** Offset from which on the text could not be relied on; undefined when all of it could. */
  readonly brokenFrom: number | undefined;
  readonly lost: Lost;
};

/** `most`: bytes that the file may have. */
export function readYaml(file: string, bytes: Uint8Array, most: number): YamlFile {
  const { source, problems } = decode(file, bytes, most);
  if (problems.length > 0) return { source, tree: undefined, problems, ...UNREAD };
  const values = Math.floor(most / LIMITS.bytesPerValue);
  const everyday = readEveryday(source, values);
  if (everyday.kind === 'read') {
    const grown: Tree = { root: everyday.root, broken: new Set(), problems: [] };
    return { source, tree: grown, problems: [], brokenFrom: undefined, lost: NOTHING_LOST };
  }
  if (everyday.kind === 'too-many') {
    const at = source.span(everyday.at, everyday.at + 1);
    const limit = { kind: 'values', most: values } as const;
    const tooMany = { kind: 'file-too-large', at, limit } as const;
    return { source, tree: undefined, problems: [tooMany], ...UNREAD };
  }
  return readComplete(source, everyday.at);
}

const UNREAD = { brokenFrom: 0, lost: NOTHING_LOST };

/** By the complete parser, which the text needs from `unusual` on. */
function readComplete(source: Source, unusual: number): YamlFile {
  const { composed: first, text, slips } = composeMended(source, unusual);
  const { composed, problems, lost, confused, brokenFrom } = recover(source, text, first);
  const sureSlips = slips.filter(
    slip => !confused.some(({ start, end }) => slip.start >= start && slip.start < end),
  );
  const found = [...sureSlips.map(slip => slipProblem(source, slip)), ...problems];
  if (composed.document === undefined)
    return { source, tree: undefined, problems: found, ...UNREAD };
  const grown = tree(source, composed.document, { slips, lost });
  // What stands behind a slip in the structure is not what was meant.
  const sure = grown.problems.filter(
    ({ kind, at }) => brokenFrom === undefined || (at.end <= brokenFrom && kind !== 'key-not-text'),
  );
  return { source, tree: grown, problems: [...found, ...sure], brokenFrom, lost };
}

/** Slips are looked for only where YAML has stumbled: each of them makes it stumble. */
function composeMended(
  source: Source,
  unusual: number,
): { readonly composed: Composed; readonly text: string; readonly slips: readonly Slip[] } {
  const written = source.text;
  const asWritten = compose(source, written, unusual);
  const [first] = asWritten.problems;
  if (first === undefined || first.kind === 'file-too-large')
    return { composed: asWritten, text: written, slips: [] };
  const { text, slips } = mendSlips(written);
  const composed = slips.length === 0 ? asWritten : compose(source, text, unusual);
  return { composed, text, slips };
}

const slipProblem = (source: Source, { kind, start, end, text }: Slip): SyntaxProblem => ({
  kind: kind === 'expression' ? 'unquoted-expression' : 'unquoted-reference',
  at: source.span(start, end),
  text,
});
