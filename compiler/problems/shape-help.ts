/**
 * What to write instead of a key that is not known, or of a value that has another shape than the
 * one that belongs there.
 */
import type { Span } from '../../schema/diagnostic.ts';
import { closest } from '../closest.ts';
import type { Spanned } from '../syntax.ts';
import {
  type DocumentKind,
  type Expectation,
  type Found,
  meantElsewhere,
  type Path,
  saidOtherwise,
} from './phrases.ts';
import { correction, replacement, truthOf, type Words } from './words.ts';

export function shapeHelp(
  at: Span,
  expected: Expectation,
  { kind, source }: Found,
  path: Path,
): Pick<Words, 'help' | 'fixes'> {
  if (kind === 'nothing' && expected !== 'file')
    return { help: 'write a value, or take the key away' };
  if (TEXTS.has(expected) && (kind === 'number' || kind === 'boolean')) {
    const text = `"${source}"`;
    return { help: `as text it needs quotes: \`${text}\``, fixes: replacement(at, text) };
  }
  const truth = kind === 'text' && TRUTHS.has(expected) ? truthOf(source) : undefined;
  if (truth !== undefined)
    return { help: `YAML reads this as text: write \`${truth}\``, fixes: replacement(at, truth) };
  // `key:value`, all of it one text to YAML.
  if (kind === 'text' && /^[\w-]+:\S/.test(source) && MAPS.has(expected))
    return { help: 'is a space missing after the colon?' };
  // `needs: split`: plainly a list of one.
  if (kind === 'text' && expected === 'texts' && /^[A-Za-z][\w./-]*$/.test(source))
    return { help: listOf(source), fixes: replacement(at, `[${source}]`) };
  // A unit would not help it.
  if (kind === 'number' && UNITS.has(expected) && !(Number(source) > 0))
    return { help: 'it must be more than nothing' };
  const named = nameHelp(kind, expected, path.at(-1) ?? '');
  if (named !== undefined) return { help: named };
  const help = SHAPE_HELP[expected]?.[kind]?.(source);
  return help === undefined ? {} : { help };
}

const TEXTS: ReadonlySet<Expectation> = new Set(['text', 'texts', 'text-or-texts']);
const TRUTHS: ReadonlySet<Expectation> = new Set(['boolean', 'cache']);
const UNITS: ReadonlySet<Expectation> = new Set(['duration', 'size']);
const MAPS: ReadonlySet<Expectation> = new Set(['map', 'step', 'profile']);

/** What a key holds instead of what belongs to that very key. */
function nameHelp(kind: Found['kind'], expected: Expectation, key: string): string | undefined {
  if (kind === 'list' && expected === 'map') return LISTED[key];
  return kind === 'map' && key === 'secrets'
    ? 'name them: `secrets: [TOKEN]`; their values are in the environment or in `.env`'
    : undefined;
}

/** What other tools write as a list, and ours with a name for each. */
const LISTED: Readonly<Record<string, string | undefined>> = {
  __proto__: undefined,
  steps: 'the name of a step is its key: write `train:` in place of `- name: train`',
  in: 'each input has a name, which the command reads: `in: { data: split.train }`, `${{ in.data }}`',
  out: 'each output has a name and a type: `out: { model: model/onnx }`',
};

const listOf = (source: string): string => `write a list: \`[${source}]\``;

/** What to write instead, where it follows from what stands there. */
const SHAPE_HELP: Readonly<
  Partial<Record<Expectation, Partial<Record<Found['kind'], (source: string) => string>>>>
> = {
  duration: { number: source => `with its unit: \`${source}s\`, \`${source}m\` or \`${source}h\`` },
  size: { number: source => `with its unit: \`${source}MB\` or \`${source}GiB\`` },
  texts: { text: listOf },
  'text-or-texts': { map: () => 'write a command: `run: python train.py`' },
  file: { nothing: () => 'name what the command reads: `src/train.py`, `src/**/*.py`' },
  wire: { map: () => 'a value belongs into the command, or under `with`' },
  axis: { text: listOf, number: listOf, boolean: listOf },
  retries: {
    text: source =>
      /^\d+$/.test(source)
        ? `without quotes: \`retries: ${source}\``
        : 'write how often: `retries: 2`',
    boolean: () => 'write how often: `retries: 2`',
  },
  map: { list: () => 'write `name: value`, without dashes', text: () => 'write `name: value`' },
  step: {
    list: () => 'write `{ run: [program, argument] }`',
    number: () => 'write `{ run: "…" }`',
    text: source => `write \`{ run: ${JSON.stringify(source)} }\``,
  },
  condition: { number: source => `write a comparison, such as \`\${{ params.x > ${source} }}\`` },
};

export function keyHelp(
  key: Spanned<string>,
  known: readonly string[],
  document: DocumentKind,
  path: Path,
): Pick<Words, 'help' | 'fixes'> {
  const { value: name, span: at } = key;
  const otherwise = saidOtherwise(name, document);
  if (otherwise !== undefined) return { help: otherwise };
  const match = closest(name, known);
  const meant = meantElsewhere(name);
  if (meant !== undefined && known.includes(meant) && match === undefined)
    return { help: `it is called \`${meant}\` here`, fixes: replacement(at, meant) };
  if (match === undefined && document === 'config' && path.length === 0)
    return {
      help: 'values of parameters stand under `params:`, what a step does otherwise under `steps:`',
    };
  return correction(key, known, 'keys');
}
