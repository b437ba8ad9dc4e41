/** Pages about keys, types of values, names and numbers. */
import type { DeclarationProblems } from '../problems/declaration.ts';
import type { ShapeProblems } from '../problems/shape.ts';
import { code, type Pages } from './page.ts';

export const shapePages: Pages<keyof ShapeProblems | keyof DeclarationProblems> = {
  'empty-file': {
    title: 'There is nothing in the file',
    why: 'The file is empty or holds only comments.',
    example: '# to be written',
    repair: code('sluice: 1', 'steps:', '  hello:', '    run: echo hello'),
  },
  'unsupported-version': {
    title: 'The language version is another one',
    why: 'The first key says in which version of the language the file is written, so that an old file keeps its meaning. This Sluice reads version 1.',
    example: 'sluice: 2',
    repair: 'sluice: 1',
  },
  'missing-key': {
    title: 'A key that has to be there is missing',
    why: 'Without it the file would leave open what is meant, such as what a step runs.',
    example: code('steps:', '  train:', '    in: { data: split.train }'),
    repair: code('steps:', '  train:', '    uses: train', '    in: { data: split.train }'),
  },
  'not-indented': {
    title: 'What belongs below a name stands beside it',
    why: 'YAML knows what belongs together by its indentation: the keys of a step stand deeper than its name, and steps deeper than `steps`.',
    example: code('steps:', '  train:', '  uses: train'),
    repair: code('steps:', '  train:', '    uses: train'),
  },
  'unknown-key': {
    title: 'There is no such key here',
    why: 'A misspelt key would be ignored silently, and what it says would not happen. So every key has to be known.',
    example: code('train:', '  uses: train', '  retires: 2'),
    repair: code('train:', '  uses: train', '  retries: 2'),
  },
  'too-many-names': {
    title: 'A map holds too many names',
    why: 'Environment variables, parameters, ports, axes and labels are written by people and read by every step. A map with thousands of them is data, which belongs into a file.',
    example: code('env:', '  ROW_1: "…"', '  ROW_2: "…"      # and 1,000 more'),
    repair: code('in: { rows: ./data/rows.csv }'),
  },
  'no-steps': {
    title: 'The pipeline has no steps',
    why: 'A pipeline is its steps; without any there is nothing to do.',
    example: 'steps: {}',
    repair: code('steps:', '  hello:', '    run: echo hello'),
  },
  'wrong-shape': {
    title: 'The value is of another kind than the key takes',
    why: 'YAML decides by looks whether something is a text, a number, a list or a map: `1.10` is a number, and `yes` or `no` are texts.',
    example: 'files: src/train.py',
    repair: 'files: [src/train.py]',
  },
  'bad-name': {
    title: 'The name cannot be used',
    why: 'Names of steps, ports and parameters appear in expressions, addresses, paths and environments. Small letters, digits and single dashes are safe in all of them.',
    example: 'steps: { Train_Model: { … } }',
    repair: 'steps: { train-model: { … } }',
  },
  'reserved-name': {
    title: 'The name already means something',
    why: 'In expressions `params`, `matrix`, `env`, `git`, `in`, `out` and `steps` stand in front of other names, so no step can be called like that.',
    example: 'steps: { params: { … } }',
    repair: 'steps: { parameters: { … } }',
  },
  'unknown-value': {
    title: 'The value is none of those that the key takes',
    why: 'Some keys take one of a few words.',
    example: 'network: internet',
    repair: 'network: bridge',
  },
  'bad-quantity': {
    title: 'This is not a duration, or not a size',
    why: 'A number alone does not say whether it counts seconds or hours, bytes or gigabytes.',
    example: code('timeout: 90', 'resources: { memory: 16 }'),
    repair: code('timeout: 90s', 'resources: { memory: 16GiB }'),
  },
  'number-out-of-range': {
    title: 'The number is too small or too large',
    why: 'The key has no meaning outside its range.',
    example: 'retries: -1',
    repair: 'retries: 0',
  },
  'number-not-exact': {
    title: 'The number is too large to be kept exactly',
    why: 'Beyond 2^53 neighbouring integers become the same number, silently. An identifier of this length is text.',
    example: 'user: 12345678901234567890',
    repair: 'user: "12345678901234567890"',
  },
  'number-not-finite': {
    title: 'The number is infinite, or not a number',
    why: 'Neither can be compared, stored as JSON or passed to a program in one agreed form.',
    example: 'threshold: .inf',
    repair: 'threshold: 1e300',
  },
  'exclusive-keys': {
    title: 'Two keys exclude each other',
    why: 'Each of them says what the other one says, so together they leave open which holds.',
    example: code('train:', '  uses: train', '  run: python train.py'),
    repair: code('train:', '  run: python train.py'),
  },
  'misplaced-key': {
    title: 'The key does not belong to a step of this sort',
    why: 'A library step declares its ports, files and kind in its manifest, a command of your own declares them where it is written. The key belongs to the other sort.',
    example: code('train:', '  run: python train.py', '  with: { epochs: 40 }'),
    repair: code('train:', '  run: python train.py --epochs 40'),
  },
  'expression-not-allowed': {
    title: 'There can be no expression here',
    why: 'What is written here decides what the pipeline consists of. It has to be known before anything is computed.',
    example: 'retries: ${{ params.retries }}',
    repair: 'retries: 2',
  },
  'bad-port-type': {
    title: 'There is no such type of port',
    why: 'Types tell which wires fit. They begin with one of a few words, with more special ones behind slashes and a dataset’s state behind `@`.',
    example: 'out: { model: onnx }',
    repair: 'out: { model: model/onnx }',
  },
  'bad-version': {
    title: 'This is not a version',
    why: 'Versions of steps are compared by their three numbers: major, minor, patch.',
    example: 'version: v2',
    repair: 'version: 2.0.0',
  },
  'bad-image': {
    title: 'This is not the name of an image',
    why: 'An image is named as container engines name it: where it lies, its path in small letters, a tag. Whether there is such an image shows when it is pulled.',
    example: 'container: Python 3.12',
    repair: 'container: python:3.12-slim',
  },
  'bad-include': {
    title: 'This is not a path relative to the step’s folder',
    why: 'What a step includes is part of its cache key and travels with it, so it is named relative to the step.',
    example: 'includes: [/home/me/sdk]',
    repair: 'includes: [../sdk]',
  },
  'bad-pattern': {
    title: 'The pattern cannot be used',
    why: 'A pattern is a regular expression that a parameter’s value must match. This one is not complete, or could take endless time.',
    example: 'name: { type: string, pattern: "([a-z" }',
    repair: 'name: { type: string, pattern: "[a-z]+" }',
  },
  'no-default': {
    title: 'The parameter has neither a default nor is it required',
    why: 'It would have no value in a run that does not name it.',
    example: 'params: { epochs: { type: int } }',
    repair: 'params: { epochs: { type: int, default: 40 } }',
  },
  'default-and-required': {
    title: 'A required parameter has a default',
    why: 'Who must give a value never gets the default.',
    example: 'epochs: { type: int, required: true, default: 40 }',
    repair: 'epochs: { type: int, default: 40 }',
  },
  'empty-range': {
    title: 'No value could be given',
    why: 'min is larger than max, or enum lists nothing, so that no value would be allowed.',
    example: 'epochs: { type: int, default: 5, min: 10, max: 1 }',
    repair: 'epochs: { type: int, default: 5, min: 1, max: 10 }',
  },
  'constraint-mismatch': {
    title: 'The constraint does not apply to this type',
    why: '`min` and `max` compare numbers, durations and sizes; a pattern looks at texts and paths.',
    example: 'name: { type: string, default: digits, max: 10 }',
    repair: 'name: { type: string, default: digits, pattern: ".{1,10}" }',
  },
  'unknown-in-manifest': {
    title: 'The manifest names something that it does not declare',
    why: 'An output that is like an input, or whose state depends on a parameter, has to name one of the step’s own.',
    example: code('in: { data: dataset }', 'out: { data: { like: dataset } }'),
    repair: code('in: { data: dataset }', 'out: { data: { like: data } }'),
  },
  'unknown-profile': {
    title: 'There is no such profile',
    why: 'Profiles are declared in `sluice.yaml`, and chosen with `--profile` or the variable `SLUICE_PROFILE`.',
    example: 'sluice run --profile gpu',
    repair: code('# sluice.yaml', 'profiles:', '  gpu: { executor: docker }'),
  },
};
