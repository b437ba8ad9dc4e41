/**
 * Columns that would hold numbers but for a few values: one typing error makes text of a whole
 * column, and nobody who trains on it later learns why. One pass, nothing is kept but counts.
 */
import { type ColumnType, typeOfValue, widen } from '../sdk/columns.ts';
import type { Schema } from './table.ts';

/** So small a share of other values is an oversight; one value always is, among a few numbers. */
const SHARE = 0.01;
const NUMBERS_FOR_ONE = 4;
/** A column that has this many other values, and fewer numbers, is text: no longer looked at. */
const TEXT_AFTER = 1000;
/** Columns that are named one by one. */
const NAMED = 5;

type Column = {
  readonly place: number;
  readonly name: string;
  numbers: number;
  others: number;
  type: ColumnType;
  first: { readonly text: string; readonly where: string } | undefined;
  /** It has text that only looks like a number, as 007 does: it is no column of numbers. */
  isText: boolean;
};

export type NumberWatch = {
  /** A row as it enters the dataset. */
  see(values: readonly string[], file: string, line: number): void;
  /** One sentence for each column that is nearly one of numbers. */
  warnings(missing: readonly string[]): readonly string[];
};

/** Watches all columns of which nobody has said what they are. */
export function numberWatch({ kept, label, types }: Schema): NumberWatch {
  const columns = kept.flatMap(({ name }, place): readonly Column[] =>
    types[place] !== undefined || place === label?.index
      ? []
      : [{ place, name, numbers: 0, others: 0, type: 'int', first: undefined, isText: false }],
  );
  return {
    see: (values, file, line) => {
      for (const column of columns) {
        const text = values[column.place] ?? '';
        if (text !== '' && !column.isText) count(column, text, file, line);
      }
    },
    warnings: missing => {
      const found = columns.filter(isNearly);
      const more = found.length - NAMED;
      return [
        ...found.slice(0, NAMED).map(column => sentence(column, missing)),
        ...(more > 0 ? [`${more} more columns have a few values that are no numbers`] : []),
      ];
    },
  };
}

function count(column: Column, text: string, file: string, line: number): void {
  const type = typeOfValue(text);
  if (type === 'int' || type === 'float') {
    column.numbers += 1;
    column.type = widen(column.type, type);
    return;
  }
  column.others += 1;
  column.first ??= { text, where: `${file}:${line}` };
  column.isText =
    Number.isFinite(Number(text)) || (column.others > TEXT_AFTER && column.others > column.numbers);
}

const isNearly = ({ numbers, others, isText }: Column): boolean =>
  !isText &&
  others > 0 &&
  numbers >= NUMBERS_FOR_ONE &&
  others <= Math.max(1, SHARE * (numbers + others));

function sentence(
  { name, numbers, others, type, first }: Column,
  missing: readonly string[],
): string {
  const text = (first?.text ?? '').slice(0, 60);
  const list = [...missing, text].map(entry => JSON.stringify(entry)).join(', ');
  const values = others === 1 ? 'one value' : `${others} values`;
  const which = others === 1 ? '' : ', the first';
  return `\`${name}\` is text because of ${values} among ${numbers + others}${which} at ${first?.where ?? ''}: \`${text}\`. If that means a missing value: \`missing: [${list}]\`; if it is a mistake: \`types: { ${JSON.stringify(name)}: ${type} }\` with \`on-bad-row: quarantine\` sets the row aside`;
}
