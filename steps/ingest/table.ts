/**
 * A table's rows, judged one by one: those that are as they should be go on, the others into
 * quarantine. One pass, nothing is kept but counts. Unaware of files and encodings.
 */
import { type ColumnType, fitsType } from '../sdk/columns.ts';
import type { Row } from '../sdk/csv-rows.ts';
import { StepError } from '../sdk/step.ts';
import { type Column, columnNamed, headerOf, keptColumns } from './dialect.ts';
import { rowSet } from './duplicates.ts';
import type { Quarantine } from './quarantine.ts';

export type TableRules = {
  /** Empty: the first row is the header. */
  readonly header: readonly string[];
  readonly columns: readonly string[];
  readonly rename: Readonly<Record<string, string>>;
  readonly types: Readonly<Record<string, ColumnType>>;
  readonly missing: readonly string[];
  /** Takes white space off around names and values. */
  readonly trim: boolean;
  readonly onMissing: 'keep' | 'quarantine' | 'error';
  readonly duplicates: 'keep' | 'drop' | 'error';
  readonly label: string | undefined;
};

/** What happened to the rows; filled while they are read. */
export type Tally = {
  /** Rows behind the header, blank lines aside. */
  read: number;
  kept: number;
  blank: number;
  duplicates: number;
  /** False once so many rows came that repeated ones are no longer looked for. */
  duplicatesComplete: boolean;
};

export const newTally = (): Tally => ({
  read: 0,
  kept: 0,
  blank: 0,
  duplicates: 0,
  duplicatesComplete: true,
});

/** Beyond it repeated rows are only looked for when a rule depends on them: memory stays bounded. */
const MAX_COUNTED = 5_000_000;

export type Schema = {
  /** Names in the source after renaming: each row must have as many fields. */
  readonly names: readonly string[];
  readonly kept: readonly Column[];
  readonly label: Column | undefined;
  /** Declared types by place among the kept columns. */
  readonly types: readonly (ColumnType | undefined)[];
};

/** What the rules make of a header. */
export function schemaOf(header: readonly string[], rules: TableRules): Schema {
  const names = headerOf(header, rules.rename);
  const kept = keptColumns(names, rules.columns);
  const keptNames = kept.map(({ name }) => name);
  const label =
    rules.label === undefined
      ? undefined
      : columnNamed(rules.label, keptNames, `\`label\` names \`${rules.label}\``);
  const declared = new Map(Object.entries(rules.types));
  for (const name of declared.keys()) {
    columnNamed(name, keptNames, `\`types\` names \`${name}\``);
  }
  return { names, kept, label, types: keptNames.map(name => declared.get(name)) };
}

export type Judge = {
  /** The row as it enters the dataset; undefined when it does not. */
  judge(row: Row, file: string): readonly string[] | undefined;
};

/** Judges rows in the order of the source. */
export function rowJudge(
  schema: Schema,
  rules: TableRules,
  { tally, quarantine }: { readonly tally: Tally; readonly quarantine: Quarantine },
): Judge {
  const missing = new Set(rules.missing);
  const isLeftOut = repetition(rules, tally);
  const judge = (row: Row, file: string): readonly string[] | undefined => {
    if (isBlank(row, schema)) {
      tally.blank += 1;
      return undefined;
    }
    tally.read += 1;
    const where = `${file}:${row.line}`;
    const fault =
      row.kind === 'bad'
        ? { kind: row.reason, reason: row.reason }
        : raggedness(row.fields, schema.names.length);
    if (row.kind === 'bad' || fault !== undefined) {
      const { kind, reason } = fault ?? { kind: '', reason: '' };
      quarantine.add({ where, kind, reason, text: textOfRow(row) });
      return undefined;
    }
    const values = schema.kept.map(({ index }) => {
      const field = row.fields[index] ?? '';
      const value = rules.trim ? field.trim() : field;
      return missing.has(value) ? '' : value;
    });
    const wrong = wrongValue(values, schema, rules);
    if (wrong !== undefined) {
      if (wrong.strict) throw new StepError(`${where}: ${wrong.reason}`);
      quarantine.add({ where, kind: wrong.kind, reason: wrong.reason, text: textOfRow(row) });
      return undefined;
    }
    if (isLeftOut(values, where)) return undefined;
    tally.kept += 1;
    return values;
  };
  return { judge };
}

/** Counts rows that are there already, and tells which of them do not enter the dataset. */
function repetition({ duplicates }: TableRules, tally: Tally) {
  const seen = rowSet();
  return (values: readonly string[], where: string): boolean => {
    if (duplicates === 'keep' && seen.size() >= MAX_COUNTED) {
      tally.duplicatesComplete = false;
      return false;
    }
    if (!seen.seen(values)) return false;
    tally.duplicates += 1;
    if (duplicates === 'error') {
      throw new StepError(
        `${where}: this row is there already`,
        '`duplicates: drop` leaves it out',
      );
    }
    return duplicates === 'drop';
  };
}

const isBlank = (row: Row, { names }: Schema): boolean =>
  row.kind === 'fields' && row.fields.length === 1 && row.fields[0] === '' && names.length > 1;

const textOfRow = (row: Row): string => (row.kind === 'bad' ? row.text : row.fields.join(','));

const raggedness = (fields: readonly string[], expected: number) =>
  fields.length === expected
    ? undefined
    : {
        kind: 'another number of fields than the header',
        reason: `${fields.length} ${fields.length === 1 ? 'field' : 'fields'}, and the header has ${expected}`,
      };

type Fault = { readonly kind: string; readonly reason: string; readonly strict: boolean };

function wrongValue(
  values: readonly string[],
  { kept, label, types }: Schema,
  { onMissing }: TableRules,
): Fault | undefined {
  for (const [place, value] of values.entries()) {
    const name = kept[place]?.name ?? '';
    if (value === '') {
      if (place === label?.index)
        return fault('no label', `\`${name}\` has no value, and it is the label`);
      if (onMissing === 'keep') continue;
      return {
        ...fault('a missing value', `\`${name}\` has no value`),
        strict: onMissing === 'error',
      };
    }
    const type = types[place];
    if (type !== undefined && !fitsType(value, type)) {
      return fault(
        'not of the declared type',
        `\`${name}\` is \`${value.slice(0, 60)}\`, declared as ${type}`,
      );
    }
  }
  return undefined;
}

const fault = (kind: string, reason: string): Fault => ({ kind, reason, strict: false });
