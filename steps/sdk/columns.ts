/**
 * What a column of text holds: which type every value fits, and its statistics in one pass.
 * Unaware of files and of datasets. Types only say how the text may be read; the text itself is
 * kept as the source had it, so nothing is lost by a type.
 */

export const COLUMN_TYPES = ['int', 'float', 'bool', 'string'] as const;
export type ColumnType = (typeof COLUMN_TYPES)[number];

export type ColumnMeta = {
  readonly name: string;
  readonly type: ColumnType;
  readonly missing: number;
  /** Different values, missing ones aside; null beyond MAX_DISTINCT. */
  readonly distinct: number | null;
  /** Of the numbers; null for other types and for a column without values. */
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  /** Of the population: divided by the count. */
  readonly std: number | null;
};

/** Where counting different values stops, so that memory stays bounded. */
export const MAX_DISTINCT = 100_000;

const INTEGER = /^(?:0|-?[1-9]\d*)$/;
const DECIMAL = /^-?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const BOOLEAN = /^(?:true|false)$/i;

/**
 * The narrowest type of one value. Text that a number would not give back stays text: leading
 * zeros, a leading plus, integers beyond 2^53, numbers too large for a double.
 */
export function typeOfValue(text: string): ColumnType {
  if (INTEGER.test(text)) return Number.isSafeInteger(Number(text)) ? 'int' : 'string';
  if (DECIMAL.test(text)) return Number.isFinite(Number(text)) ? 'float' : 'string';
  return BOOLEAN.test(text) ? 'bool' : 'string';
}

/** The type that fits both: only int and float have one besides text. */
export function widen(a: ColumnType, b: ColumnType): ColumnType {
  if (a === b) return a;
  return a !== 'string' && b !== 'string' && a !== 'bool' && b !== 'bool' ? 'float' : 'string';
}

/** Can a column of this type be declared to hold the value? */
export const fitsType = (text: string, type: ColumnType): boolean =>
  type === 'string' || widen(typeOfValue(text), type) === type;

/** A present value of an int, float or bool column as a number. */
export const numberOf = (text: string, type: ColumnType): number =>
  type === 'bool' ? Number(text.toLowerCase() === 'true') : Number(text);

type ColumnStatistics = {
  add(text: string): void;
  meta(): ColumnMeta;
};

/**
 * Counts one column. Its type is the narrowest that fits every value, unless it is declared.
 * Welford's recurrence: one pass, no cancellation, the same on every platform.
 */
export function columnStatistics(name: string, declared?: ColumnType): ColumnStatistics {
  const values = new Set<string>();
  let found: ColumnType | undefined = declared;
  let crowded = false;
  let [missing, count, min, max, mean, squares] = [0, 0, Infinity, -Infinity, 0, 0];
  const addDistinct = (text: string): void => {
    values.add(text);
    if (values.size <= MAX_DISTINCT) return;
    crowded = true;
    values.clear();
  };
  const addNumber = (value: number): void => {
    count += 1;
    min = Math.min(min, value);
    max = Math.max(max, value);
    const before = value - mean;
    mean += before / count;
    squares += before * (value - mean);
  };
  return {
    add: text => {
      if (text === '') {
        missing += 1;
        return;
      }
      if (!crowded) addDistinct(text);
      if (declared === undefined && found !== 'string') {
        const type = typeOfValue(text);
        found = found === undefined ? type : widen(found, type);
      }
      if (isNumeric(found)) addNumber(Number(text));
    },
    meta: () => ({
      name,
      type: found ?? 'string',
      missing,
      distinct: crowded ? null : values.size,
      ...(count === 0 || !isNumeric(found)
        ? { min: null, max: null, mean: null, std: null }
        : { min, max, mean: finite(mean), std: finite(Math.sqrt(squares / count)) }),
    }),
  };
}

const isNumeric = (type: ColumnType | undefined): boolean => type === 'int' || type === 'float';

/** Sums of numbers near the largest double overflow; JSON has no infinity. */
const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
