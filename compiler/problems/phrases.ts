/**
 * Pieces of prose about shapes: what a place is called, what belongs there, what stands there
 * instead, and where it belongs. Unaware of which problems use them.
 */
import { LIMITS } from '../limits.ts';
import { brief } from './words.ts';

/** Where in a document: `['steps', 'train', 'retries', 'max']`. */
export type Path = readonly string[];

/** `retries.max` of step `train`; the whole document for an empty path. */
export function place(path: Path, whole: string): string {
  const [area, name, ...rest] = path.filter(segment => !/^\d+$/.test(segment));
  if (area === undefined) return `this ${whole}`;
  const noun = AREAS[area];
  if (noun === undefined || name === undefined) return `\`${path.join('.')}\``;
  const owner = `${noun} \`${name}\``;
  if (rest.length === 0) return owner;
  const [inner, port, ...below] = rest;
  const listed = inner === 'matrix' && (port === 'include' || port === 'exclude');
  const port_ = inner === undefined || listed ? undefined : PORTS[inner];
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
  wire: '`step.port`, a path or a list of them',
  file: 'the path of a file, or a pattern',
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
      return `the text \`${brief(source)}\``;
    case 'number':
      return `the number ${brief(source)}`;
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
  output: 'out',
  input: 'in',
  command: 'run',
  cmd: 'run',
  script: 'run',
  image: 'container',
  img: 'image',
  docker: 'container',
  depends: 'needs',
  depends_on: 'needs',
  'depends-on': 'needs',
  dependencies: 'needs',
  parameters: 'params',
  vars: 'params',
  args: 'with',
  params: 'with',
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
  integer: 'int',
  number: 'float',
  double: 'float',
  boolean: 'bool',
  desc: 'description',
  str: 'string',
  text: 'string',
  array: 'list',
  dict: 'map',
  object: 'map',
  false: 'none',
  k8s: 'kubernetes',
  local: 'process',
  podman: 'docker',
  choices: 'enum',
  minimum: 'min',
  maximum: 'max',
};

/** What other tools say in a document and this one does in another way. */
export function saidOtherwise(name: string, document: DocumentKind): string | undefined {
  if (document === 'settings' && name === 'store')
    return 'the store is `.sluice` in the project; it cannot lie elsewhere or be shared yet';
  return document === 'pipeline' && Object.hasOwn(OTHERWISE, name) ? OTHERWISE[name] : undefined;
}

const OTHERWISE: Readonly<Record<string, string>> = {
  id: 'the name of a step is the key in front of it',
  name: 'the name of a step is the key in front of it; `description` is for people',
  on: 'a pipeline is started by `sluice run`, or by `sluice watch` after every change',
  'runs-on': '`resources` says what a step needs, `executor` in sluice.yaml where it runs',
  'working-directory':
    'each step has a folder of its own to work in; a command may begin with `cd`',
  shell: 'a text runs in `/bin/sh`; for another shell write `run: [bash, -c, "…"]`',
  'continue-on-error': '`sluice run --keep-going` goes on with what does not need the step',
  permissions: 'a step is given what it declares, and nothing else',
  metrics: 'measurements are an output of that type: `out: { scores: metrics }`',
  plots: 'a picture is an output of that type: `out: { curve: plot }`',
  deps: 'what other steps make is wired under `in`; what lies in the project stands under `files`',
  wdir: 'each step has a folder of its own to work in; a command may begin with `cd`',
  frozen: 'a step whose inputs are the same is not run again anyway',
  always_changed: '`cache: false` runs the step every time',
  env: 'variables stand under `env` of the step itself',
  gpus: '`resources: { gpus: 1 }` of the step asks for them',
  volumes: 'nothing is mounted: a step sees what it declares under `in` and `files`',
  options: 'there are no other options; `resources: { gpus: 1, shm: 8GiB }` says what a step needs',
  ports: '`network: host` lets a step be reached',
  services: 'a service is started outside of the pipeline, and reached with `network: host`',
  'fail-fast': '`sluice run --keep-going` goes on with what does not need the step',
};

/** What a `uses` of another tool is here. */
export function usesOtherwise(uses: string): { readonly help: string } | undefined {
  const help = USES_OTHERWISE.find(([pattern]) => pattern.test(uses))?.[1];
  return help === undefined ? undefined : { help };
}

const USES_OTHERWISE: readonly (readonly [RegExp, string])[] = [
  [
    /^actions\/checkout\b/,
    'nothing is checked out: a step sees what it declares, `files: [src/train.py]`, and nothing else',
  ],
  [/^actions\/cache\b/, 'leave it out: a step whose inputs are the same is not run again'],
  [/^docker:\/\//, 'write the command under `run`, and the image under `container`'],
  [
    /^https?:\/\//,
    'steps are not downloaded: copy its folder into the project, `uses: ./steps/name`',
  ],
  [
    /^\.\.?\/(?!\.github\/)[^@]+@[\w.-]*$/,
    'what lies in the project has no version: leave out the `@` and what stands behind it',
  ],
  [
    /^(?:\.\/)?\.github\/|^[\w.-]+\/[^@]+@/,
    'actions do not run here: write the command that it stands for, `run: …`',
  ],
];

export type DocumentKind = 'pipeline' | 'manifest' | 'config' | 'settings';

/** Why a key may not stand where it stands. */
export type Misplacement =
  /** `with` beside `run`: a command takes no parameters. */
  | 'needs-uses'
  /** `files`, `out`, `kind`, … beside `uses`: the step's manifest says so. */
  | 'needs-run'
  | 'needs-source'
  | 'needs-effect'
  | 'needs-dataset';

export const DOCUMENTS: Readonly<Record<DocumentKind, string>> = {
  pipeline: 'pipeline',
  manifest: 'step manifest',
  config: 'config',
  settings: 'settings file',
};

export const SMALLEST: Readonly<Partial<Record<DocumentKind, string>>> = {
  pipeline: '`sluice: 1` and, below `steps:`, a name with a `run:`',
  manifest: '`step: name`, `version: 1.0.0` and a `run:`',
};

export const MISSING: Readonly<Record<string, string>> = {
  sluice: 'begin the file with the language version: `sluice: 1`',
  'uses,run': '`uses: train` takes a step of the library, `run: python train.py` runs a command',
  steps: 'add `steps:` with at least one step below it',
  'type,like': '`type: dataset/table` fixes the type, `like: data` takes that of an input',
};

export const MISPLACED: { readonly [M in Misplacement]: (key: string) => string } = {
  'needs-uses': () => 'a command takes its values in the text: `run: train --lr ${{ params.lr }}`',
  'needs-run': key =>
    `\`${key}\` is for \`run\`; a step that is used says this in its own \`step.yaml\``,
  'needs-source': key => `\`${key}\` is for \`kind: source\``,
  'needs-effect': key => `\`${key}\` is for \`kind: effect\``,
  'needs-dataset': () => 'only datasets have states and parts',
};

export const PATTERN_FLAWS = {
  syntax: 'it is not a regular expression as JavaScript reads it',
  length: `a pattern has ${LIMITS.patternLength} characters at most`,
  backtracking: 'it looks around or refers back, which can take for ever; say it without',
  size: 'its counted repetitions are too many together',
} as const;
