/** Pages about files as bytes, text and YAML. */
import type { YamlProblems } from '../problems/yaml.ts';
import { code, type Pages } from './page.ts';

export const yamlPages: Pages<keyof YamlProblems> = {
  'file-too-large': {
    title: 'The file is larger than a pipeline can be',
    why: 'A pipeline is written by people and read on every start. A file of this size holds data, or was made by a program that repeats itself.',
    example: 'params:\n  rows: [ … a million numbers … ]',
    repair:
      'Put the data into a file of its own and give it to a step: in: { rows: ./data/rows.csv }',
  },
  'not-utf8': {
    title: 'The file is not UTF-8',
    why: 'The same bytes mean different letters in different encodings. One encoding means that a pipeline reads the same on every machine.',
    example: 'A file saved as UTF-16 or Latin-1, often by an editor on Windows.',
    repair:
      'Save it again as UTF-8. On the command line: iconv -f latin1 -t utf-8 old.yaml > new.yaml',
  },
  'control-character': {
    title: 'There is a control character in the text',
    why: 'Characters that cannot be seen can hide what a pipeline does, and terminals obey some of them.',
    example: 'An escape character that came along with text copied from a terminal.',
    repair: 'Delete it. Where it is meant, write its number in double quotes: "\\x1b".',
  },
  'nul-character': {
    title: 'A text holds a NUL',
    why: 'To a program a NUL is the end of a text: no argument, no variable and no file name can hold one. What is written as an escape would reach none of them.',
    example: 'run: [echo, "one\\0two"]',
    repair: 'run: [echo, one, two]',
  },
  'bidi-control': {
    title: 'An invisible character changes the order in which text is read',
    why: 'Marks of direction let a reviewer see something else than what is run. Nothing in a pipeline needs them bare.',
    example: 'A name or command copied from a page that mixes writing directions.',
    repair: 'Delete the character, or write it in double quotes by its number, such as "\\u202e".',
  },
  'lone-carriage-return': {
    title: 'A line ends with a carriage return alone',
    why: 'YAML, editors and git disagree on whether that is a line end, so positions and meaning would depend on who reads.',
    example: 'A file from a very old system, or one that a program has joined together wrongly.',
    repair: "Convert the line ends: tr '\\r' '\\n' < old.yaml > new.yaml",
  },
  'merge-conflict': {
    title: 'A merge conflict was left in the file',
    why: 'git marks what it could not merge with lines of `<`, `=` and `>`. They are not YAML, and only a person knows which side is right.',
    example: code('<<<<<<< HEAD', '  epochs: 40', '=======', '  epochs: 60', '>>>>>>> faster'),
    repair: '  epochs: 60',
  },
  'yaml-syntax': {
    title: 'The text is not YAML',
    why: 'YAML gives meaning to indentation, colons, quotes and brackets. One of them is missing, doubled or in a place where it means something else. A step, a parameter or another entry that holds such a place is left out, and nothing is said of what names it; the rest of the file is checked. Where nobody can tell what belongs to such a place, what follows it is not checked.',
    example: code('steps:', '  train:', '    run: echo loss: 0.1'),
    repair: code('steps:', '  train:', '    run: "echo loss: 0.1"'),
  },
  'unquoted-expression': {
    title: 'An expression inside braces or brackets needs quotes',
    why: 'In `{ … }` and `[ … ]` YAML reads every brace and comma itself, also those of an expression.',
    example: 'with: { seed: ${{ params.seed }} }',
    repair: 'with: { seed: "${{ params.seed }}" }',
  },
  'unquoted-reference': {
    title: 'A reference inside braces or brackets needs quotes',
    why: 'In `{ … }` and `[ … ]` YAML reads the brackets of `step[*].port` as a list.',
    example: 'in: { models: train[*].model }',
    repair: 'in: { models: "train[*].model" }',
  },
  'nested-too-deep': {
    title: 'Lists and maps are nested too deeply',
    why: 'Nobody writes this many levels by hand. Most often a closing bracket is missing, or the file was made to break its reader.',
    example: 'matrix: { lr: [[[[[[[[ … ',
    repair: 'matrix: { lr: [0.1, 0.01] }',
  },
  'several-documents': {
    title: 'The file holds a second document',
    why: 'A line of three dashes begins a new YAML document. A file is one pipeline, so the second would be ignored by some readers.',
    example: code('sluice: 1', 'steps: { … }', '---', 'sluice: 1'),
    repair: 'Give the second pipeline a file of its own in pipelines/.',
  },
  'duplicate-key': {
    title: 'A key is written twice',
    why: 'Only one of the two values can hold, and which one depends on the reader. Both look right where they stand.',
    example: code('train:', '  timeout: 1h', '  run: python train.py', '  timeout: 2h'),
    repair: code('train:', '  timeout: 2h', '  run: python train.py'),
  },
  'unknown-alias': {
    title: 'An alias has no anchor',
    why: '`*name` repeats the value that was marked with `&name` further up. There is no such mark. A text that begins with a star needs quotes.',
    example: code('files: [*.py]'),
    repair: code('files: ["*.py"]'),
  },
  'alias-cycle': {
    title: 'An alias stands inside the value it repeats',
    why: 'Writing it out would never end.',
    example: code('train: &train', '  env: *train'),
    repair: code('defaults:', '  env: &env { OMP_NUM_THREADS: "2" }'),
  },
  'alias-expansion': {
    title: 'The aliases of the file stand for too many values',
    why: 'Aliases of aliases multiply: a few lines can stand for billions of values.',
    example: code('a: &a [x, x, x]', 'b: &b [*a, *a, *a]', 'c: &c [*b, *b, *b]'),
    repair: 'Write the values out, or let a matrix repeat a step.',
  },
  'custom-tag': {
    title: 'YAML reads this as a tag',
    why: 'A word that begins with `!` is a tag in YAML, which asks the reader to build something special. Pipelines have none. Mostly the `!` is meant as "not".',
    example: 'if: !params.fast',
    repair: 'if: ${{ !params.fast }}',
  },
  'bad-merge': {
    title: 'A merge key takes a map',
    why: '`<<` lays the entries of another map under those written beside it, so what it takes has to be a map, or a list of maps.',
    example: '<<: shared',
    repair: code('defaults: &shared { timeout: 1h }', 'train:', '  <<: *shared'),
  },
  'key-not-text': {
    title: 'A key is not a name',
    why: 'Keys are words. A map or a list as a key usually comes from braces that were meant as an expression.',
    example: 'seed: {{ params.seed }}',
    repair: 'seed: ${{ params.seed }}',
  },
};
