/**
 * What can be wrong with `uses`, with pipelines that serve as steps and what they hand out, and with
 * a slice of one. Unaware of the library's place on disk.
 */
import type { Span } from '../../schema/diagnostic.ts';
import { LIMITS } from '../limits.ts';
import type { Spanned } from '../syntax.ts';
import { usesOtherwise } from './phrases.ts';
import { choices, replacement, suggestion, type Words } from './words.ts';

export type DefinitionProblems = {
  'unknown-library-step': { readonly name: Spanned<string>; readonly known: readonly string[] };
  'version-not-available': {
    readonly uses: Spanned<string>;
    readonly step: string;
    readonly wanted: string;
    readonly version: string;
  };
  'uses-not-found': {
    readonly path: Spanned<string>;
    readonly known: readonly string[];
    /** Where something of that name does lie. */
    readonly elsewhere: string | undefined;
  };
  'uses-no-manifest': { readonly path: Spanned<string>; readonly found: 'file' | 'dir' };
  'pipeline-uses-itself': {
    readonly chain: readonly { readonly file: string; readonly at: Span }[];
  };
  'pipelines-too-deep': { readonly path: Spanned<string> };
  'key-needs-a-step': {
    readonly key: Spanned<string>;
    readonly step: string;
    readonly file: string;
  };
  'unknown-config-step': { readonly name: Spanned<string>; readonly known: readonly string[] };
  'config-with-run': { readonly at: Span; readonly step: string };
  'unknown-pool': { readonly pool: Spanned<string>; readonly known: readonly string[] };
  'source-without-probe': { readonly at: Span; readonly step: string };
  'secret-in-env': { readonly secret: Spanned<string>; readonly env: Span };
  'outputs-of-path': { readonly name: string; readonly at: Span };
  'outputs-of-instance': { readonly name: string; readonly at: Span; readonly step: string };
  /** A run on a slice was asked for, and no step but effects takes a dataset. */
  'nothing-to-sample': {
    readonly pipeline: Spanned<string>;
    readonly byEffects: boolean;
    /** Those that effects alone take, or else those that nobody takes. */
    readonly datasets: readonly string[];
  };
};

export const definitionWords: {
  readonly [K in keyof DefinitionProblems]: (problem: DefinitionProblems[K]) => Words;
} = {
  'unknown-library-step': ({ name, known }) => ({
    at: name.span,
    message: `the library has no step \`${name.value}\``,
    ...suggestion(name, known, 'it has'),
  }),
  'version-not-available': ({ uses, step, wanted, version }) => ({
    at: uses.span,
    message:
      wanted === ''
        ? 'no version stands behind the `@`'
        : `the library has \`${step}\` in version ${version}, not ${wanted}`,
    help: `write \`${step}@${version.split('.')[0]}\`, or \`${step}\` for whatever is installed`,
  }),
  'uses-not-found': ({ path, known, elsewhere }) => ({
    at: path.span,
    message: `there is no step or pipeline at \`${path.value}\``,
    ...(usesOtherwise(path.value) ??
      (elsewhere === undefined
        ? suggestion(path, known, 'beside it are')
        : {
            help: /^\.ya?ml$/.test(elsewhere.slice(path.value.length))
              ? `a pipeline is named with its ending: \`${elsewhere}\``
              : `paths start at the project's root: \`${elsewhere}\``,
            fixes: replacement(path.span, elsewhere),
          })),
  }),
  'uses-no-manifest': ({ path, found }) => ({
    at: path.span,
    message:
      found === 'dir'
        ? `\`${path.value}\` is a folder without a \`step.yaml\``
        : `\`${path.value}\` is a file, and neither a pipeline nor the folder of a step`,
    help:
      found === 'dir'
        ? 'a folder is a step when its `step.yaml` says what it takes, makes and runs'
        : 'pipelines end in `.yaml`; a program of your own is run: `run: python train.py`',
  }),
  'pipeline-uses-itself': ({ chain }) => {
    const [first, ...rest] = chain;
    return {
      ...(first !== undefined && { at: first.at, label: `uses \`${first.file}\`` }),
      message: 'a pipeline that uses itself would never end',
      related: rest.map(({ file, at }) => ({ at, message: `uses \`${file}\`` })),
    };
  },
  'pipelines-too-deep': ({ path }) => ({
    at: path.span,
    message: `with \`${path.value}\` more than ${LIMITS.pipelines} pipelines would lie inside one another`,
    help: 'use pipelines beside one another, from one that holds them all',
  }),
  'key-needs-a-step': ({ key, step, file }) => ({
    at: key.span,
    message: `\`${step}\` uses the pipeline \`${file}\`, and a pipeline takes no \`${key.value}\``,
    help: 'it takes `with`, `if`, `needs` and `matrix`; the rest is written on its own steps',
  }),
  'unknown-config-step': ({ name, known }) => ({
    at: name.span,
    message: `the pipeline has no step \`${name.value}\``,
    ...suggestion(name, known, 'it has'),
  }),
  'config-with-run': ({ at, step }) => ({
    at,
    message: `\`${step}\` is a \`run\` step, which takes no \`with\``,
    help: 'declare a parameter in the pipeline, use it in the command, and set it under `params` here',
  }),
  'unknown-pool': ({ pool, known }) => ({
    at: pool.span,
    message: `\`sluice.yaml\` declares no pool \`${pool.value}\``,
    ...(known.length === 0
      ? { help: `declare it there: \`pools: { ${pool.value}: 1 }\`` }
      : suggestion(pool, known, 'it declares')),
  }),
  'source-without-probe': ({ at, step }) => ({
    at,
    message: `\`${step}\` is a source, but nothing tells when the world has changed`,
    help: 'add `probe:`, a command that prints a token such as an ETag or a row count; or `cache: false`',
  }),
  'secret-in-env': ({ secret, env }) => ({
    at: secret.span,
    message: `\`${secret.value}\` is declared both as a secret and in \`env\``,
    related: [{ at: env, message: 'this value would be written into the plan and the cache key' }],
    help: 'keep it in `secrets` only',
  }),
  'outputs-of-path': ({ name, at }) => ({
    at,
    message: `the output \`${name}\` is a path, and what a pipeline hands out is made by its steps`,
    help: 'write `step.port`; whoever uses the pipeline can wire the path itself',
  }),
  'outputs-of-instance': ({ name, at, step }) => ({
    at,
    message: `the output \`${name}\` is one artifact, and \`${step}\` makes several`,
    help: 'gather them in a step that takes many, and name its output',
  }),
  'nothing-to-sample': ({ pipeline, byEffects, datasets }) => ({
    at: pipeline.span,
    message: `\`--sample\` finds nothing in \`${pipeline.value}\` to take a slice of, so all of it would run`,
    help:
      datasets.length > 0
        ? `${byEffects ? 'only effects take' : 'no step takes'} the ${datasets.length === 1 ? 'dataset' : 'datasets'} ${choices(datasets, 'and')}${byEffects ? ', and they take the whole' : ''}; hand it to a step that works on it, or leave \`--sample\` out`
        : 'bring the data in with an `ingest` step, or type the output that has it: `data: dataset`; or leave `--sample` out',
  }),
};
