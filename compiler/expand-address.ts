/**
 * The addresses of matrix instances: `train[lr=0.1,fold=3]`. Written and read here alone, so that
 * what a plan prints can be typed into `in`. Unaware of what the values are for.
 */
import { canonicalJson, type Json } from '../schema/canonical-json.ts';
import { isMap } from './params-value.ts';

export type MatrixValues = ReadonlyMap<string, Json>;

/** `[lr=0.1,fold=3]`. */
export const addressSuffix = (matrix: MatrixValues): string =>
  `[${[...matrix].map(([axis, value]) => `${axis}=${addressText(value)}`).join(',')}]`;

/** A value as it stands in an address; a map is known by its `name`, where it has one. */
export function addressText(value: Json): string {
  if (typeof value === 'string') return PLAIN.test(value) ? value : JSON.stringify(value);
  if (!isMap(value)) return String(value);
  const name = Object.hasOwn(value, 'name') ? value['name'] : undefined;
  return typeof name === 'string' ? addressText(name) : canonicalJson(value);
}

/** Texts that need no quotes: nothing that structures an address, a path or a line. */
const PLAIN = /^[\p{L}\p{N}_.+-]+$/u;

export type SelectorPair = {
  readonly axis: string;
  /** What the value's address text may be: as written, and as a number prints. */
  readonly values: readonly string[];
  /** Offset of the axis in the selector. */
  readonly at: number;
};

/** `lr=0.1,fold=3` → its pairs; undefined when it is not of that form. */
export function parseSelector(text: string): readonly SelectorPair[] | undefined {
  const pairs: SelectorPair[] = [];
  const pair = /\s*([\w-]+)\s*=\s*("(?:[^"\\]|\\.)*"|\{.*?\}|[^\s,"{}[\]=]+)\s*(,|$)/uy;
  while (pair.lastIndex < text.length) {
    const start = pair.lastIndex;
    const match = pair.exec(text);
    if (match === null) return undefined;
    const [whole, axis = '', written = '', comma] = match;
    const at = start + whole.indexOf(axis);
    pairs.push({ axis, values: selectorTexts(written), at });
    if (comma === '') break;
    if (pair.lastIndex === text.length) return undefined;
  }
  const axes = new Set(pairs.map(one => one.axis));
  return pairs.length === 0 || axes.size < pairs.length ? undefined : pairs;
}

/** `0.10` picks the instance whose value is 0.1, and the one whose value is the text "0.10". */
function selectorTexts(written: string): readonly string[] {
  if (written.startsWith('"')) {
    try {
      return [addressText(JSON.parse(written))];
    } catch {
      return []; // Not an escape that JSON knows: it matches nothing, and that is said.
    }
  }
  const isNumber = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(written);
  return isNumber ? [...new Set([written, String(Number(written))])] : [written];
}
