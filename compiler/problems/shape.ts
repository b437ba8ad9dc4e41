/**
 * What can be wrong with a document's shape: keys, types of values, names, numbers. The same for
 * pipelines, manifests, configs and settings. Unaware of YAML and of other files.
 */
import type { Span } from '../../schema/diagnostic.ts';
import { DATASET_STATES, ROOT_TYPES } from '../../schema/port-type.ts';
import { closest, nearest } from '../closest.ts';
import { type NameNoun, nameFlaw, visible } from './name-words.ts';
import {
  DOCUMENTS,
  type DocumentKind,
  EXPECTED,
  type Expectation,
  type Found,
  foundWords,
  MISPLACED,
  MISSING,
  type Misplacement,
  meantElsewhere,
  type Path,
  place,
  SMALLEST,
} from './phrases.ts';
import { keyHelp, shapeHelp } from './shape-help.ts';
import {
  brief,
  choices,
  correction,
  count,
  range,
  replacement,
  suggestion,
  type Words,
} from './words.ts';

type At = { readonly at: Span };

export type ShapeProblems = {
  'empty-file': At & { readonly document: DocumentKind };
  'unsupported-version': At & { readonly found: string };
  /** One of `keys` has to be there. */
  'missing-key': At & {
    readonly path: Path;
    readonly document: DocumentKind;
    readonly keys: readonly string[];
  };
  'unknown-key': At & {
    readonly path: Path;
    readonly document: DocumentKind;
    readonly name: string;
    readonly known: readonly string[];
    /** Nothing stands behind it: in flow style the rest of a text with a comma. */
    readonly bare: boolean;
  };
  'no-steps': At;
  /** What belongs below a name stands beside it. */
  'not-indented': At & {
    readonly path: Path;
    readonly names: readonly string[];
    /** Where they stand. */
    readonly inner: readonly Span[];
  };
  'too-many-names': At & { readonly path: Path; readonly found: number; readonly limit: number };
  'wrong-shape': At & {
    readonly path: Path;
    readonly expected: Expectation;
    readonly found: Found;
  };
  'bad-name': At & {
    readonly noun: NameNoun;
    readonly name: string;
    readonly document: DocumentKind;
  };
  'reserved-name': At & { readonly noun: NameNoun; readonly name: string };
  'unknown-value': At & {
    readonly path: Path;
    readonly value: string;
    readonly allowed: readonly string[];
  };
  'bad-quantity': At & {
    readonly path: Path;
    readonly quantity: 'duration' | 'size';
    readonly text: string;
  };
  'number-out-of-range': At & {
    readonly path: Path;
    readonly source: string;
    readonly least: number | undefined;
    /** With its unit, where it has one. */
    readonly most: number | string | undefined;
  };
  'number-not-exact': At & { readonly source: string };
  'number-not-finite': At & { readonly source: string };
  'exclusive-keys': At & {
    readonly path: Path;
    readonly first: { readonly name: string; readonly at: Span };
    readonly second: string;
  };
  'misplaced-key': At & {
    readonly path: Path;
    readonly key: string;
    readonly reason: Misplacement;
  };
  'expression-not-allowed': At & { readonly path: Path };
  'bad-port-type': At & { readonly text: string; readonly known: readonly string[] };
  'bad-version': At & { readonly text: string };
  'bad-image': At & { readonly text: string };
  'bad-include': At & { readonly text: string };
  'unknown-profile': At & {
    readonly name: string;
    /** The option or the variable that names it. */
    readonly asked: string;
    readonly known: readonly string[];
  };
};

export const shapeWords: {
  readonly [K in keyof ShapeProblems]: (problem: ShapeProblems[K]) => Words;
} = {
  'empty-file': ({ at, document }) => ({
    at,
    message: `there is nothing in this ${DOCUMENTS[document]}`,
    ...(SMALLEST[document] !== undefined && { help: `the smallest one: ${SMALLEST[document]}` }),
  }),
  'unsupported-version': ({ at, found }) => ({
    at,
    message: `the language version is ${brief(found)}, and this Sluice reads version 1`,
    help: 'write `sluice: 1`',
  }),
  'missing-key': ({ at, path, document, keys }) => ({
    at,
    message: `${place(path, DOCUMENTS[document])} has no ${choices(keys)}`,
    help: MISSING[keys.join()] ?? `add \`${keys[0]}:\``,
  }),
  'unknown-key': ({ at, path, document, name, known, bare }) => ({
    at,
    message: `${place(path, DOCUMENTS[document])} has no key \`${visible(name)}\``,
    ...(bare && /\s/.test(name)
      ? { help: 'inside `{ }` a comma ends a text: put the whole text in quotes' }
      : keyHelp({ value: name, span: at }, known, document, path)),
  }),
  'too-many-names': ({ at, path, found, limit }) => ({
    at,
    message: `${place(path, 'file')} holds ${count(found, 'name')}; the limit is ${count(limit, 'name')}`,
    help: 'put what is data into a file, and take that as an input',
  }),
  'no-steps': ({ at }) => ({
    at,
    message: 'this pipeline has no steps',
    help: 'a step is a name and what it runs: `hello: { run: "echo hello" }`',
  }),
  'not-indented': ({ at, path, names, inner: [first] }) => ({
    at,
    message: `${choices(names, 'and')} ${names.length === 1 ? 'stands' : 'stand'} beside ${place(path, 'file')}, not below it`,
    related: first === undefined ? [] : [{ at: first, message: 'this belongs below it' }],
    help: 'what belongs to a name is indented deeper than the name, by two spaces',
  }),
  'wrong-shape': ({ at, path, expected, found }) => ({
    at,
    message:
      path.length === 0
        ? `this file holds ${foundWords(found)}, where \`key: value\` belongs`
        : `${place(path, 'file')} takes ${EXPECTED[expected]}, and this is ${foundWords(found)}`,
    ...shapeHelp(at, expected, found, path),
  }),
  'bad-name': ({ at, noun, name, document }) => ({ at, ...nameFlaw(noun, name, document) }),
  'reserved-name': ({ at, noun, name }) => ({
    at,
    message: `\`${name}\` cannot be the name of ${article(noun === 'need' ? 'step' : noun)}`,
    help:
      noun === 'variable'
        ? 'names that begin with `SLUICE_` are what Sluice tells a step'
        : `expressions use \`${name}\` for something else; choose another name`,
  }),
  'unknown-value': ({ at, path, value, allowed }) => {
    const meant = meantElsewhere(value);
    const match =
      meant !== undefined && allowed.includes(meant)
        ? { name: meant, alone: true }
        : nearest(value, allowed);
    return {
      at,
      message: `${place(path, 'file')} is \`${brief(value)}\`; it can be ${choices(allowed)}`,
      ...(match !== undefined && { help: `did you mean \`${match.name}\`?` }),
      ...(match?.alone && { fixes: replacement(at, match.name) }),
    };
  },
  'bad-quantity': ({ at, path, quantity, text }) => ({
    at,
    message: `${place(path, 'file')} is \`${brief(text)}\`, which is not a ${quantity}`,
    help: /^-|^[0.]+[a-z]+$/i.test(text)
      ? `it must be more than nothing`
      : quantity === 'duration'
        ? 'a duration is a number and its unit: `500ms`, `90s`, `15m`, `2h`, `1h30m`, `2d`'
        : 'a size is a number and its unit: `500MB` (in 1000s), `8GiB` (in 1024s)',
  }),
  'number-out-of-range': ({ at, path, source, least, most }) => ({
    at,
    message: `${place(path, 'file')} is ${brief(source)}; it must be ${range(least, most)}`,
  }),
  'number-not-exact': ({ at, source }) => ({
    at,
    message: `${brief(source)} is beyond 2^53, where numbers are no longer exact`,
    help: 'for an identifier put it in quotes, so that it stays text',
  }),
  'number-not-finite': ({ at, source }) => ({
    at,
    message: `${brief(source)} is not a finite number`,
    help: 'nothing in a pipeline can be infinite or "not a number"; as text, put it in quotes',
  }),
  'exclusive-keys': ({ at, path, first, second }) => ({
    at,
    message: `${place(path, 'file')} has both \`${first.name}\` and \`${second}\``,
    related: [{ at: first.at, message: `\`${first.name}\` stands here` }],
    help: 'keep one of them',
  }),
  'misplaced-key': ({ at, path, key, reason }) => ({
    at,
    message: `${place(path, 'file')} cannot have \`${key}\``,
    help: MISPLACED[reason](key),
  }),
  'expression-not-allowed': ({ at, path }) => ({
    at,
    message: `${place(path, 'file')} cannot be an expression`,
    help: 'it has to be known before anything is computed: write the value itself',
  }),
  'bad-port-type': ({ at, text, known }) => ({
    at,
    message: `\`${brief(text)}\` is not a type of port`,
    ...(/^\/|\.|\/$/.test(text)
      ? {
          help: `where it is a path, give its type too: \`{ type: ${text.endsWith('/') ? 'dir' : 'file'}, path: ${text} }\``,
        }
      : text.includes('@') && !known.includes(text.toLowerCase())
        ? stateHelp(text)
        : closest(text, known) === undefined
          ? { help: `types begin with: ${choices(ROOT_TYPES, 'and')}` }
          : correction({ value: text, span: at }, known, 'types begin with')),
  }),
  'bad-version': ({ at, text }) => ({
    at,
    message: `\`${brief(text)}\` is not a version`,
    help: 'a version is three numbers: `1.2.0`',
  }),
  'bad-image': ({ at, text }) => ({
    at,
    message:
      text === '' ? 'the image has no name' : `\`${visible(text)}\` is not the name of an image`,
    help: 'an image is `name:tag`, where it lies in front and in small letters: `ghcr.io/team/train:1.2`',
  }),
  'bad-include': ({ at, text }) => ({
    at,
    message: `\`${brief(text)}\` is not a path relative to the step's folder`,
    help: 'for example `../sdk`; forward slashes, and never absolute',
  }),
  'unknown-profile': ({ at, name, asked, known }) => ({
    at,
    message: `\`${asked}\` asks for the profile \`${name}\`, and there is none of that name`,
    ...(known.length === 0
      ? { help: `declare it here: \`profiles: { ${name}: { parallel: 2 } }\`` }
      : suggestion({ value: name, span: at }, known, 'profiles')),
  }),
};

/** A type with a state that it has not, or that is none. */
function stateHelp(text: string): Pick<Words, 'help'> {
  const [type = '', state = ''] = text.split('@');
  if (!/^dataset(?:\/|$)/.test(type))
    return { help: `only datasets have a state: write \`${type}\`` };
  const [meant = closest(state, DATASET_STATES)] = DATASET_STATES.filter(
    known => state !== '' && known.startsWith(state.toLowerCase()),
  );
  return {
    help:
      meant === undefined
        ? `a dataset is ${choices(DATASET_STATES)}`
        : `did you mean \`${type}@${meant}\`?`,
  };
}

const article = (noun: string): string => (/^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`);
