/**
 * What was taken in and what was not, as a page for people. Unaware of how it was found.
 */
import type { DatasetMeta } from '../sdk/dataset.ts';
import { markdownPage, markdownTable, markdownText } from '../sdk/markdown.ts';

export type IngestFacts = {
  readonly meta: DatasetMeta;
  /** `rows` or `files`. */
  readonly unit: string;
  readonly read: number;
  readonly quarantined: number;
  /** Kind of reason → how often. */
  readonly reasons: ReadonlyMap<string, number>;
  /** Further things worth knowing, one sentence each. */
  readonly notes: readonly string[];
  /** What is hardly meant, one sentence each: told at once, not only here. */
  readonly warnings: readonly string[];
};

/** Columns beyond this many are counted, not listed. */
const MAX_LISTED = 200;

export function ingestReport(facts: IngestFacts): string {
  const { meta, unit } = facts;
  return markdownPage([
    '# Ingest',
    `${meta.rows} of ${facts.read} ${unit} taken in, ${facts.quarantined} set aside.`,
    ...list(facts.warnings.map(warning => `**Look at this:** ${warning}.`)),
    ...list(facts.notes),
    ...quarantined(facts),
    ...labels(meta),
    '## Columns',
    markdownTable(
      ['column', 'type', 'missing', 'distinct', 'min', 'max', 'mean', 'std'],
      meta.columns
        .slice(0, MAX_LISTED)
        .map(({ name, type, missing, distinct, min, max, mean, std }) => [
          name,
          type,
          String(missing),
          distinct === null ? 'more than 100000' : String(distinct),
          ...[min, max, mean, std].map(short),
        ]),
    ),
    ...(meta.columns.length > MAX_LISTED
      ? [`… and ${meta.columns.length - MAX_LISTED} more columns.`]
      : []),
  ]);
}

const list = (entries: readonly string[]): readonly string[] =>
  entries.length > 0 ? [entries.map(entry => `- ${entry}`).join('\n')] : [];

function quarantined({ reasons }: IngestFacts): readonly string[] {
  if (reasons.size === 0) return [];
  return [
    '## Set aside',
    'Each with its place and its text in the output `quarantined`.',
    markdownTable(
      ['reason', 'count'],
      [...reasons].map(([reason, count]) => [reason, String(count)]),
    ),
  ];
}

function labels({ label, classes, labels: counts, rows }: DatasetMeta): readonly string[] {
  if (label === null) return [];
  const shown = classes.slice(0, MAX_LISTED);
  return [
    `## Label: ${markdownText(label)}`,
    markdownTable(
      ['class', 'rows', 'share'],
      shown.map(name => {
        const count = counts[name] ?? 0;
        return [name, String(count), `${((100 * count) / Math.max(1, rows)).toFixed(1)} %`];
      }),
    ),
    ...(classes.length > shown.length ? [`… and ${classes.length - shown.length} more.`] : []),
  ];
}

const short = (value: number | null): string =>
  value === null ? '' : String(Number(value.toPrecision(6)));
