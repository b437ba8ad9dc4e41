/**
 * The functions that expressions may call. Pure and bounded; each answers a value or says in words
 * why it cannot. Argument counts and types that are known beforehand are the compiler's to check;
 * they are checked again here, because a result's type shows only when it is there.
 */
import { canonicalJson, type Json } from './canonical-json.ts';
import {
  boundedText,
  type Evaluation,
  failed,
  isList,
  known,
  nameOf,
  number,
  textOf,
} from './operator.ts';

/** As many as a matrix may have instances. */
export const MAX_RANGE = 100_000;
/** Values in a list or map that is turned into text. */
const MAX_VALUES = 1_000_000;

type Function = (...given: readonly Json[]) => Evaluation;

const FUNCTIONS: ReadonlyMap<string, Function> = new Map<string, Function>([
  ['range', range],
  ['len', len],
  ['min', (...given) => extreme('min', given)],
  ['max', (...given) => extreme('max', given)],
  ['round', round],
  ['lower', text => (typeof text === 'string' ? known(text.toLowerCase()) : wrong('lower', text))],
  ['upper', text => (typeof text === 'string' ? known(text.toUpperCase()) : wrong('upper', text))],
  ['join', join],
  ['format', format],
  ['basename', basename],
  ['json', json],
  // Only the compiler gives it a meaning: text that a shell command takes unquoted.
  ['raw', (value = null) => textOf(value)],
]);

export const FUNCTION_NAMES: readonly string[] = [...FUNCTIONS.keys()];

export function callFunction(name: string, given: readonly Json[]): Evaluation {
  const called = FUNCTIONS.get(name);
  return called === undefined ? failed(`there is no function \`${name}\``) : called(...given);
}

const wrong = (name: string, given: Json | undefined): Evaluation<never> =>
  failed(`\`${name}\` does not take ${given === undefined ? 'so few values' : nameOf(given)}`);

/** `range(stop)`, `range(start, stop)`, `range(start, stop, step)`; `stop` is not in it. */
function range(...given: readonly Json[]): Evaluation {
  const bounds = given.length === 1 ? [0, ...given] : given;
  const [start, stop, step = 1] = bounds;
  if (!isInteger(start) || !isInteger(stop) || !isInteger(step)) {
    return failed('`range` counts with integers');
  }
  if (step === 0) return failed('`range` with a step of 0 would never end');
  const length = Math.max(0, Math.ceil((stop - start) / step));
  if (length > MAX_RANGE) {
    return failed(`\`range\` would have ${length} elements; at most ${MAX_RANGE} are allowed`);
  }
  return known(Array.from({ length }, (_, index) => start + index * step));
}

const isInteger = (value: Json | undefined): value is number => Number.isSafeInteger(value);

/** Characters of a string (code points), elements of a list, entries of a map. */
function len(of?: Json): Evaluation {
  if (typeof of === 'string') return known([...of].length);
  if (of === undefined || of === null || typeof of !== 'object') return wrong('len', of);
  return known(isList(of) ? of.length : Object.keys(of).length);
}

function extreme(name: 'min' | 'max', given: readonly Json[]): Evaluation {
  const [first] = given;
  const values = given.length === 1 && first !== undefined && isList(first) ? first : given;
  if (values.length === 0) return failed(`\`${name}\` of an empty list`);
  const stranger = values.find(value => typeof value !== 'number');
  if (stranger !== undefined) return wrong(name, stranger);
  const pick = name === 'min' ? Math.min : Math.max;
  return number(values.filter(value => typeof value === 'number').reduce((a, b) => pick(a, b)));
}

/** Halves go away from zero, by the decimal digits that the number prints with. */
function round(value?: Json, digits: Json = 0): Evaluation {
  if (typeof value !== 'number') return wrong('round', value);
  if (!isInteger(digits) || digits < 0 || digits > 15) {
    return failed('`round` keeps 0 to 15 digits');
  }
  const [mantissa, exponent = '0'] = String(Math.abs(value)).split('e');
  const shifted = Math.round(Number(`${mantissa}e${Number(exponent) + digits}`));
  const [whole, power = '0'] = String(shifted).split('e');
  return number(Math.sign(value) * Number(`${whole}e${Number(power) - digits}`));
}

function join(list?: Json, separator: Json = ','): Evaluation {
  if (list === undefined || !isList(list)) return wrong('join', list);
  if (typeof separator !== 'string') return wrong('join', separator);
  if (tooMany(list)) return failed('`join` of too many values');
  const texts: string[] = [];
  for (const item of list) {
    const text = textOf(item);
    if (!text.ok) return text;
    texts.push(text.value);
  }
  return boundedText(texts.join(separator));
}

/** `{}` takes the next value, `{0}` the one of that position; `{{` and `}}` are braces. */
function format(template?: Json, ...given: readonly Json[]): Evaluation {
  if (typeof template !== 'string') return wrong('format', template);
  let next = 0;
  let text = '';
  const used = new Set<number>();
  for (const piece of template.split(/(\{\{|\}\}|\{\d*\})/)) {
    const place = /^\{(\d*)\}$/.exec(piece)?.[1];
    if (place === undefined) {
      text += piece === '{{' || piece === '}}' ? piece[0] : piece;
      continue;
    }
    const position = place === '' ? next++ : Number(place);
    const value = given[position];
    if (value === undefined) {
      return failed(`\`format\` has no value for \`${piece}\`: it was given ${given.length}`);
    }
    used.add(position);
    const printed = textOf(value);
    if (!printed.ok) return printed;
    const bounded = boundedText(text + printed.value);
    if (!bounded.ok) return bounded;
    text = bounded.value;
  }
  if (used.size < given.length) return failed('`format` was given a value that it does not place');
  return boundedText(text);
}

/** The last part of a path, without `suffix` where it ends in that. */
function basename(path?: Json, suffix: Json = ''): Evaluation {
  if (typeof path !== 'string') return wrong('basename', path);
  if (typeof suffix !== 'string') return wrong('basename', suffix);
  const last = path.split('/').findLast(part => part !== '') ?? '';
  return known(
    last.endsWith(suffix) && last !== suffix ? last.slice(0, last.length - suffix.length) : last,
  );
}

/** Keys sorted, no white space: the same value is the same text. */
function json(value?: Json): Evaluation {
  if (value === undefined) return wrong('json', value);
  return tooMany(value) ? failed('`json` of too many values') : boundedText(canonicalJson(value));
}

/** Counts no further than it must: values may share parts, and be huge when written out. */
function tooMany(value: Json): boolean {
  let count = 0;
  const rest: Json[] = [value];
  for (let item = rest.pop(); item !== undefined; item = rest.pop()) {
    if (++count > MAX_VALUES) return true;
    if (item !== null && typeof item === 'object') {
      const inner = isList(item) ? item : Object.values(item);
      if (count + inner.length > MAX_VALUES) return true;
      for (const value of inner) rest.push(value);
    }
  }
  return false;
}
