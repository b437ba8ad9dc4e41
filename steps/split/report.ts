/**
 * A division as a page for people: how large the parts are, how labels lie in them, and that they
 * share nothing. Unaware of how rows were dealt.
 */
import type { DatasetMeta } from '../sdk/dataset.ts';
import { markdownPage, markdownTable, markdownText } from '../sdk/markdown.ts';
import type { Proof } from './proof.ts';
import type { Rows } from './units.ts';

export type SplitFacts = {
  readonly whole: DatasetMeta;
  readonly parts: readonly { readonly meta: DatasetMeta; readonly asked: number }[];
  readonly rows: Rows;
  readonly proof: Proof;
  readonly request: readonly string[];
};

const MAX_LISTED = 200;

export function splitReport({ whole, parts, rows, proof, request }: SplitFacts): string {
  const share = (count: number, of: number) =>
    of === 0 ? '' : `${((100 * count) / of).toFixed(2)} %`;
  return markdownPage([
    '# Split',
    request.join(' · '),
    markdownTable(
      ['part', 'rows', 'share', 'asked', 'different contents'],
      parts.map(({ meta, asked }, index) => [
        meta.part ?? '',
        String(meta.rows),
        share(meta.rows, whole.rows),
        `${(100 * asked).toFixed(2)} %`,
        String(proof.distinct[index] ?? 0),
      ]),
    ),
    '## Disjoint',
    `Contents (SHA-256) that are in more than one part: **${proof.shared}**, found by reading the parts as written.`,
    [
      `- Rows that repeat an earlier one, and stay with it: ${rows.repeated}.`,
      ...(rows.groups === undefined ? [] : [`- Groups, each in one part: ${rows.groups}.`]),
      `- Units dealt: ${rows.unitCount}.`,
    ].join('\n'),
    ...labelTable(whole, parts, share),
  ]);
}

function labelTable(
  whole: DatasetMeta,
  parts: SplitFacts['parts'],
  share: (count: number, of: number) => string,
): readonly string[] {
  if (whole.label === null) return [];
  const shown = whole.classes.slice(0, MAX_LISTED);
  return [
    `## Label: ${markdownText(whole.label)}`,
    markdownTable(
      ['class', 'whole', ...parts.flatMap(({ meta }) => [meta.part ?? '', 'share'])],
      shown.map(name => [
        name,
        String(whole.labels[name] ?? 0),
        ...parts.flatMap(({ meta }) => {
          const count = meta.labels[name] ?? 0;
          return [String(count), share(count, meta.rows)];
        }),
      ]),
    ),
    ...(whole.classes.length > shown.length
      ? [`… and ${whole.classes.length - shown.length} more.`]
      : []),
  ];
}
