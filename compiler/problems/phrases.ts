/**
 * Pieces of prose about shapes: what a place is called, what belongs there, what stands there, and
 * what is the matter with a name. Unaware of which problems use them.
 */
import { LIMITS } from '../limits.ts';
import type { Words } from './words.ts';

/** Where in a document: `['steps', 'train', 'retries', 'max']`. */
export type Path = readonly string[];

/** `retries.max` of step `train`; the whole document for an empty path. */
export function place(path: Path, whole: string): string {
  const [area, name, ...rest] = path;
  if (area === undefined) return `this ${whole}`;
  const noun = AREAS[area];
  if (noun === undefined || name === undefined) return `\`${path.join('.')}\``;
  const owner = `${noun} \`${name}\``;
  if (rest.length === 0) return owner;
  const [inner, port, ...below] = rest;
  const port_ = inner === undefined ? undefined : PORTS[inner];
  if (area === 'steps' && port_ !== undefined && port !== undefined) {
    const whose = `${port_} \`${port}\` of ${owner}`;
    return below.length === 0 ? whose : `\`${below.join('.')}\` of ${whose}`;
  }
  return `\`${rest.join('.')}\` of ${owner}`;
}

const AREAS: Readonly<Record<string, string | undefined>> = {
  __proto__: undefined,
  steps: 'step',
  params: 'parameter',
  in: 'input',
  out: 'output',
  outputs: 'output',
  env: 'variable',
  pools: 'pool',
  profiles: 'profile',
};

const PORTS: Readonly<Record<string, string | undefined>> = {
  __proto__: undefined,
  in: 'input',
  out: 'output',
  with: 'parameter',
  env: 'variable',
  matrix: 'axis',
};

export const EXPECTED = {
  text: 'a text',
  texts: 'a list of texts',
  'text-or-texts': 'a text or a list of texts',
  scalar: 'a text, a number, `true` or `false`',
  boolean: '`true` or `false`',
  condition: 'an expression, `true` or `false`',
  'whole-number': 'a whole number',
  number: 'a number',
  map: 'a map',
  list: 'a list',
  value: 'a value',
  axis: 'a list of values, or an expression for one',
  'axis-value': 'a text, a number, `true`, `false` or a map',
  combinations: 'a list of maps',
  duration: 'a duration such as `90s` or `2h`',
  size: 'a size such as `500MB` or `8GiB`',
  output: 'a type such as `model/onnx`, or a map with a `type`',
  step: 'a map with `uses` or `run`',
  container: 'the name of an image, or a map with `image` or `build`',
  retries: 'a whole number, or a map with `max`',
  cache: '`true`, `false` or `{ salt: … }`',
  check: '`receipt`, or a map with `run`',
  state: 'a state such as `labelled`, or a map with `when`, `set` and `unset`',
  profile: 'a map of settings',
} as const;

export type Expectation = keyof typeof EXPECTED;

/** What stands there instead, short enough to be quoted. */
export type Found = {
  readonly kind: 'text' | 'number' | 'boolean' | 'nothing' | 'list' | 'map';
  readonly source: string;
};

export function foundWords({ kind, source }: Found): string {
  switch (kind) {
    case 'text':
      return `the text \`${source.length > 40 ? `${source.slice(0, 39)}…` : source}\``;
    case 'number':
      return `the number ${source}`;
    case 'boolean':
      return `\`${source}\``;
    case 'nothing':
      return source === '' ? 'empty' : `\`${source}\``;
    default:
      return `a ${kind}`;
  }
}

/** What the same thing is called in other tools, for people who come from there. */
export function meantElsewhere(name: string): string | undefined {
  return Object.hasOwn(ELSEWHERE, name.toLowerCase()) ? ELSEWHERE[name.toLowerCase()] : undefined;
}

const ELSEWHERE: Readonly<Record<string, string>> = {
  jobs: 'steps',
  stages: 'steps',
  tasks: 'steps',
  inputs: 'in',
  deps: 'in',
  outs: 'out',
  outputs: 'out',
  command: 'run',
  cmd: 'run',
  script: 'run',
  image: 'container',
  docker: 'container',
  depends_on: 'needs',
  'depends-on': 'needs',
  dependencies: 'needs',
  parameters: 'params',
  vars: 'params',
  args: 'with',
  environment: 'env',
  when: 'if',
  retry: 'retries',
  'timeout-minutes': 'timeout',
  strategy: 'matrix',
  cpu: 'cpus',
  gpu: 'gpus',
  mem: 'memory',
  ram: 'memory',
  version: 'sluice',
  choices: 'enum',
  minimum: 'min',
  maximum: 'max',
};

export type NameNoun =
  | 'pipeline'
  | 'step'
  | 'parameter'
  | 'input'
  | 'output'
  | 'axis'
  | 'pool'
  | 'profile'
  | 'label'
  | 'variable'
  | 'secret';

/** What is the matter with a name that is none, and what would be one. */
export function nameFlaw(noun: NameNoun, name: string): Omit<Words, 'at'> {
  const environment = noun === 'variable' || noun === 'secret';
  const whose = /^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`;
  const message = `\`${visible(name)}\` cannot be the name of ${whose}`;
  if (name === '') return { message: `${whose} has an empty name` };
  if (name.length > LIMITS.nameLength)
    return {
      message: `the name of ${whose} has ${name.length} characters`,
      help: `${LIMITS.nameLength} is the limit`,
    };
  const foreign = /[^\x20-\x7e]/u.exec(name)?.[0];
  if (foreign !== undefined)
    return {
      message,
      help: `it holds ${codePoint(foreign)}, which may look like another; names use ${environment ? 'A–Z, 0–9 and `_`' : 'a–z, 0–9 and `-`'}`,
    };
  if (environment)
    return { message, help: 'variables use letters, digits and `_`, and begin with a letter' };
  const better = kebab(name);
  return {
    message,
    help: `names are lower-case words joined by \`-\`${better === undefined ? '' : `: \`${better}\``}`,
  };
}

/** The name as it would be in kebab-case; undefined when nothing is left of it. */
function kebab(name: string): string | undefined {
  const better = name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[-0-9]+|-+$/g, '');
  return better === '' ? undefined : better;
}

const codePoint = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;

/** Control and foreign characters by their code points, so that none can hide or reorder. */
const visible = (name: string): string =>
  name.replace(/[\p{C}\p{Z}]/gu, character =>
    character === ' ' ? ' ' : `<${codePoint(character)}>`,
  );
