/**
 * What can be wrong with a file as bytes, as text and as YAML. Unaware of what the file is for.
 */
import type { Span } from '../../schema/diagnostic.ts';
import { closest } from '../closest.ts';
import { LIMITS } from '../limits.ts';
import { choices, count, mebibytes, NO_NUL, replacement, unicode, type Words } from './words.ts';
import { slipWords, type YamlSlip } from './yaml-slip.ts';

type At = { readonly at: Span };

export type YamlProblems = {
  'file-too-large': At & { readonly limit: FileLimit };
  'not-utf8': At & { readonly offset: number; readonly encoding: 'UTF-16' | null };
  'control-character': At & { readonly codePoint: number; readonly count: number };
  /** Written as an escape: `\0`. */
  'nul-character': At;
  'bidi-control': At & { readonly codePoint: number; readonly count: number };
  'lone-carriage-return': At & { readonly count: number };
  'merge-conflict': At;
  'yaml-syntax': At & { readonly slip: YamlSlip; readonly marked: string };
  /** Flow style, where YAML reads the braces. `text` is the whole value. */
  'unquoted-expression': At & { readonly text: string };
  /** Flow style, where YAML reads the brackets: `train[*].model`. */
  'unquoted-reference': At & { readonly text: string };
  'nested-too-deep': At & { readonly through: 'brackets' | 'aliases' };
  'several-documents': At;
  'duplicate-key': At & { readonly name: string; readonly first: Span };
  'unknown-alias': At & { readonly name: string; readonly known: readonly string[] };
  'alias-cycle': At & { readonly name: string };
  'alias-expansion': At & { readonly name: string };
  'custom-tag': At & { readonly tag: string; readonly line: string };
  'bad-merge': At;
  /** `braces`: the whole of `{{ params.lr }}`, which YAML reads as a map within a map. */
  'key-not-text': At & { readonly braces: string | undefined };
};

/** What a file has too much of. */
export type FileLimit =
  | { readonly kind: 'bytes'; readonly found: number; readonly most: number }
  | { readonly kind: 'values'; readonly most: number }
  /** Names, values and signs, for a file that is more than everyday YAML. */
  | { readonly kind: 'lexemes' };

export const yamlWords: {
  readonly [K in keyof YamlProblems]: (problem: YamlProblems[K]) => Words;
} = {
  'file-too-large': ({ at, limit }) => ({
    at,
    message: tooLarge(limit),
    help:
      limit.kind === 'lexemes'
        ? 'repair it if it is a mistake; otherwise divide the file, or write this without them'
        : 'data belongs in files of its own, which a step takes as input, and a `matrix` repeats a step; where the file has to be so large, `limits: { file: 16MiB }` in sluice.yaml lets it in',
  }),
  'not-utf8': ({ at, offset, encoding }) => ({
    at,
    message:
      encoding === null
        ? `byte ${offset} of this file is not UTF-8`
        : `this file is ${encoding}, and pipelines are UTF-8`,
    help: 'save it as UTF-8',
  }),
  'control-character': ({ at, codePoint, count: n }) => ({
    at,
    message: `there is a control character here (${unicode(codePoint)})${others(n)}`,
    help:
      codePoint === 0
        ? 'is this a text file? a NUL never stands in one'
        : `delete it, or write it in double quotes as \`"\\x${hex(codePoint, 2)}"\``,
  }),
  'nul-character': ({ at }) => ({ at, message: 'this text holds a NUL', help: NO_NUL }),
  'bidi-control': ({ at, codePoint, count: n }) => ({
    at,
    message: `an invisible character here (${unicode(codePoint)}) makes text read in another order than it is stored${others(n)}`,
    help: `delete it, or write it in double quotes as \`"\\u${hex(codePoint, 4)}"\``,
  }),
  'lone-carriage-return': ({ at, count: n }) => ({
    at,
    message: `there is a carriage return without a line feed here${others(n)}`,
    help: 'save the file with line feeds (LF), or with CR LF throughout',
  }),
  'merge-conflict': ({ at }) => ({
    at,
    message: 'a merge conflict was left in this file',
    help: 'keep one side, and delete the lines `<<<<<<<`, `=======` and `>>>>>>>`',
  }),
  'yaml-syntax': ({ at, slip, marked }) => ({ at, ...slipWords[slip](marked) }),
  'unquoted-expression': ({ at, text }) => ({
    at,
    message: 'inside `{ }` and `[ ]` an expression needs quotes, because YAML reads its braces',
    help: `write ${quoted(text)}`,
    fixes: replacement(at, quoted(text)),
  }),
  'unquoted-reference': ({ at, text }) => ({
    at,
    message: 'inside `{ }` and `[ ]` this reference needs quotes, because YAML reads its brackets',
    help: `write ${quoted(text)}`,
    fixes: replacement(at, quoted(text)),
  }),
  'nested-too-deep': ({ at, through }) => ({
    at,
    message: `lists and maps lie more than ${LIMITS.nesting} deep here`,
    help:
      through === 'brackets'
        ? 'is a closing bracket missing above?'
        : 'each alias adds the depth of what it stands for',
  }),
  'several-documents': ({ at }) => ({
    at,
    message: 'a second document begins here, and a file holds one',
    help: 'give it a file of its own, or delete the `---`',
  }),
  'duplicate-key': ({ at, name, first }) => ({
    at,
    message: `\`${name}\` is written twice in the same map`,
    label: 'the second time',
    related: [{ at: first, message: 'the first time' }],
    help: 'keep one of them',
  }),
  'unknown-alias': ({ at, name, known }) => ({
    at,
    message: `no anchor \`&${name}\` stands above this alias`,
    ...aliasHelp(at, name, known),
  }),
  'alias-cycle': ({ at, name }) => ({
    at,
    message: `\`*${name}\` stands inside the value it repeats, which would never end`,
    help: 'write the values out here; an alias repeats what stands complete above it',
  }),
  'alias-expansion': ({ at, name }) => ({
    at,
    message: `with \`*${name}\` the aliases of this file stand for more than ${count(LIMITS.aliasedValues, 'value')}`,
    help: 'write the values out, or let a `matrix` repeat the step',
  }),
  'custom-tag': ({ at, tag, line }) => ({
    at,
    message: `YAML reads \`${written(tag)}\` as a tag, and pipelines have none`,
    help: /\bif:\s*!/.test(line)
      ? 'for "not", write the condition as an expression: `if: ${{ !… }}`'
      : 'a text that begins with `!` needs quotes',
  }),
  'bad-merge': ({ at }) => ({
    at,
    message: '`<<` takes an alias of a map, or a list of such',
    help: 'for example `<<: *shared`, with `&shared` on a map above',
  }),
  'key-not-text': ({ at, braces }) =>
    braces === undefined
      ? { at, message: 'this key is not a name', help: 'a key is a word, or a text in quotes' }
      : {
          at,
          message: 'YAML reads these braces as a map within a map',
          help: `an expression has a dollar sign: ${quoted(`$${braces}`)}`,
          fixes: replacement(at, quoted(`$${braces}`)),
        },
};

function aliasHelp(
  at: Span,
  name: string,
  known: readonly string[],
): Pick<Words, 'help' | 'fixes'> {
  const match = closest(name, known);
  if (match !== undefined) return { help: `did you mean \`*${match}\`?` };
  // `files: [*.py]`: a glob rather than an alias.
  if (/[.*/]/.test(name)) {
    const glob = quoted(`*${name}`);
    return { help: `for a pattern, use quotes: ${glob}`, fixes: replacement(at, glob) };
  }
  return {
    help:
      known.length === 0
        ? `\`&${name}\` would have to stand above; a text that begins with \`*\` needs quotes`
        : `anchors: ${choices(known, 'and')}`,
  };
}

/** In double quotes where that needs no escape, else in single ones. */
const quoted = (text: string): string =>
  /["\\]/.test(text) ? `'${text.replaceAll("'", "''")}'` : `"${text}"`;

const written = (tag: string): string => tag.replace(/^tag:yaml\.org,2002:/, '!!');
const others = (n: number): string => (n === 1 ? '' : `, and in ${count(n - 1, 'more place')}`);
const hex = (n: number, digits: number): string =>
  n.toString(16).toUpperCase().padStart(digits, '0');
function tooLarge(limit: FileLimit): string {
  switch (limit.kind) {
    case 'bytes':
      return `this file holds ${mebibytes(limit.found)}; the limit is ${mebibytes(limit.most)}`;
    case 'values':
      return `this file holds more than ${count(limit.most, 'value')}, which is the limit`;
    case 'lexemes':
      return 'in a file this large there can be no anchors, tags, several documents, texts that run over lines or mistakes in the YAML, and here is the first of them';
  }
}
