/**
 * CSV and TSV files, read as one table: the first file's header holds for all. Unaware of where
 * the files come from.
 */
import { statSync } from 'node:fs';
import { type Dialect, type Row, rowsOf } from '../sdk/csv-rows.ts';
import { type DatasetHead, writeDataset } from '../sdk/dataset.ts';
import { StepError } from '../sdk/step.ts';
import { delimiterOf, looksLikeData } from './dialect.ts';
import { type NumberWatch, numberWatch } from './nearly-numbers.ts';
import type { Quarantine } from './quarantine.ts';
import type { IngestFacts } from './report.ts';
import {
  type Judge,
  newTally,
  rowJudge,
  type Schema,
  schemaOf,
  type TableRules,
  type Tally,
} from './table.ts';
import { textOf } from './text.ts';

export type TableFile = {
  readonly path: string;
  /** As people know it; shown with line numbers. */
  readonly name: string;
};

export type TableRequest = {
  readonly files: readonly TableFile[];
  readonly rules: TableRules;
  readonly encoding: string;
  /** Undefined: as the first line shows. */
  readonly delimiter: string | undefined;
  readonly quote: string | undefined;
  readonly into: string;
  readonly quarantine: Quarantine;
  readonly source: string | null;
  /** Share of the source's bytes that is read, and how many rows that was. */
  readonly onProgress: (share: number, rows: number) => void;
};

/** Writes the dataset and says what was found. */
export async function ingestTable(request: TableRequest): Promise<IngestFacts> {
  const { rules, quarantine } = request;
  const tally = newTally();
  const table = await openTable(request, tally);
  const head: DatasetHead = {
    kind: 'table',
    state: rules.label === undefined ? 'refined' : 'labelled',
    label: rules.label ?? null,
    columns: table.schema.kept.map(({ name }, place) => ({
      name,
      type: table.schema.types[place],
    })),
    part: null,
    provenance: () => ({
      source: request.source,
      quarantined: quarantine.count(),
      steps: ['ingest@1.0.0'],
    }),
  };
  const meta = await writeDataset(request.into, head, table.rows);
  return {
    meta,
    unit: 'rows',
    read: tally.read,
    quarantined: quarantine.count(),
    reasons: quarantine.reasons(),
    notes: [...table.notes, ...tallyNotes(tally, rules)],
    warnings: table.numbers.warnings(rules.missing),
  };
}

type OpenTable = {
  readonly schema: Schema;
  readonly rows: AsyncGenerator<readonly string[]>;
  readonly notes: readonly string[];
  readonly numbers: NumberWatch;
};

/** The schema has to be known before the first row is handed on; so the first header is read here. */
async function openTable(request: TableRequest, tally: Tally): Promise<OpenTable> {
  const { files, rules } = request;
  const [first, ...others] = files;
  if (first === undefined) throw new StepError('the source holds no file');
  const dialect = await dialectOf(first, request);
  const onBytes = byteCounter(request, tally);
  const rows = rowsOf(textOf(first.path, request.encoding, onBytes), dialect);
  const found = rules.header.length > 0 ? rules.header : await headerFrom(rows, first);
  const header = rules.trim ? found.map(name => name.trim()) : found;
  const schema = schemaOf(header, rules);
  const judge = rowJudge(schema, rules, { tally, quarantine: request.quarantine });
  const numbers = numberWatch(schema);
  async function* all(): AsyncGenerator<readonly string[]> {
    yield* judged(rows, first as TableFile, judge);
    for (const file of others) {
      const more = rowsOf(textOf(file.path, request.encoding, onBytes), dialect);
      if (rules.header.length === 0) await sameHeader(more, file, found);
      yield* judged(more, file, judge);
    }
  }
  async function* judged(source: AsyncIterable<Row>, file: TableFile, { judge }: Judge) {
    for await (const row of source) {
      const values = judge(row, file.name);
      if (values === undefined) continue;
      numbers.see(values, file.name, row.line);
      yield values;
    }
  }
  const notes = [
    ...(dialect.delimiter === ',' ? [] : [`Fields end with ${delimiterName(dialect.delimiter)}.`]),
    ...(header.some(name => name !== name.trim())
      ? ['Column names have white space around them: `trim: true` takes it off, from values too.']
      : []),
    ...(rules.header.length === 0 && looksLikeData(header)
      ? ['The header is all numbers: if it is a row of data, `header: […]` names the columns.']
      : []),
  ];
  return { schema, rows: all(), notes, numbers };
}

/** Reports at every hundredth of the source, not at every chunk. */
function byteCounter({ files, onProgress }: TableRequest, tally: Tally): (bytes: number) => void {
  const total = files.reduce((sum, { path }) => sum + statSync(path).size, 0);
  let [read, reported] = [0, 0];
  return bytes => {
    read += bytes;
    if (read - reported < total / 100) return;
    reported = read;
    onProgress(read / total, tally.read);
  };
}

async function dialectOf(file: TableFile, { delimiter, quote, encoding }: TableRequest) {
  if (delimiter !== undefined) return { delimiter, quote } satisfies Dialect;
  let start = '';
  for await (const chunk of textOf(file.path, encoding)) {
    start += chunk;
    if (start.includes('\n')) break;
  }
  return { delimiter: delimiterOf(start.split('\n', 1)[0] ?? '', quote), quote } satisfies Dialect;
}

async function headerFrom(rows: AsyncGenerator<Row>, file: TableFile): Promise<readonly string[]> {
  const { value: row, done } = await rows.next();
  if (done === true) throw new StepError(`\`${file.name}\` is empty`);
  if (row.kind === 'bad') throw new StepError(`the header of \`${file.name}\`: ${row.reason}`);
  return row.fields;
}

async function sameHeader(
  rows: AsyncGenerator<Row>,
  file: TableFile,
  header: readonly string[],
): Promise<void> {
  const own = await headerFrom(rows, file);
  if (own.length === header.length && own.every((name, index) => name === header[index])) return;
  const at = own.findIndex((name, index) => name !== header[index]);
  throw new StepError(
    `\`${file.name}\` has another header than the files before it`,
    at < 0
      ? `it has ${own.length} columns, and they have ${header.length}`
      : `column ${at + 1} is \`${own[at] ?? ''}\`, and theirs is \`${header[at] ?? ''}\``,
  );
}

function tallyNotes(tally: Tally, { duplicates }: TableRules): readonly string[] {
  const fate = duplicates === 'drop' ? 'left out' : 'kept';
  const scope = tally.duplicatesComplete ? '' : ' among the first five million different rows';
  return [
    ...(tally.duplicates > 0
      ? [
          `Rows that were there already${scope}: ${tally.duplicates}, ${fate} (\`duplicates: ${duplicates}\`).`,
        ]
      : [`No row is there twice${scope}.`]),
    ...(tally.blank > 0 ? [`Blank lines passed over: ${tally.blank}.`] : []),
  ];
}

const delimiterName = (delimiter: string): string =>
  delimiter === '\t' ? 'a tab' : `\`${delimiter}\``;
