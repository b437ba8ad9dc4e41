/**
 * What may stand at a place of the command line: pipelines, steps and their ports, parameters, runs
 * and the like, as this project has them now. Changes nothing but what is remembered of plans;
 * unaware of shells.
 */
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { explainedCodes } from '../../compiler/explanations.ts';
import { listRuns } from '../../runner/history.ts';
import { byCodeUnit, canonicalJson, type Json } from '../../schema/canonical-json.ts';
import type { Invocation } from '../command.ts';
import { compileProject } from '../compilation.ts';
import { readRegistry } from '../dataset-registry.ts';
import { readDeployments } from '../deployment-folders.ts';
import { DATASETS, DEPLOYMENTS, stateOf } from '../effect-state.ts';
import { SUPPORTED } from '../executors.ts';
import { sampleFraction } from '../options.ts';
import { libraryFolder, requireProject } from '../project.ts';
import type { Line } from './slot.ts';

export type Suggestion = { readonly value: string; readonly description: string };

export type Asked = { readonly invocation: Invocation; readonly line: Line };

type Source = (asked: Asked) => Promise<readonly Suggestion[]> | readonly Suggestion[];

const plain = (values: Iterable<string>): readonly Suggestion[] =>
  [...values].map(value => ({ value, description: '' }));

/** As many as a person looks through. */
const RUNS = 30;

const pipelines: Source = ({ invocation: { cwd } }) =>
  plain(requireProject(cwd).pipelines.map(path => basename(path).replace(/\.ya?ml$/, '')));

const configs: Source = ({ invocation: { cwd } }) => {
  const folder = join(requireProject(cwd).root, 'configs');
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter(name => /\.ya?ml$/.test(name));
  return plain(names.sort(byCodeUnit).map(name => name.replace(/\.ya?ml$/, '')));
};

const runs: Source = async ({ invocation: { cwd } }) =>
  listRuns(requireProject(cwd).part, RUNS).map(({ run, pipeline, finished }) => ({
    value: run,
    description: `${pipeline}, ${finished?.result ?? 'not finished'}`,
  }));

const steps: Source = async asked => {
  const { steps: planned } = await planOf(asked);
  const matrices = new Set(planned.filter(({ id, name }) => id !== name).map(({ name }) => name));
  return [
    ...[...matrices].map(value => ({ value, description: 'all of its instances' })),
    ...planned.map(({ id, description }) => ({ value: id, description: description ?? '' })),
  ];
};

const ports: Source = async asked =>
  (await planOf(asked)).steps.flatMap(({ id, outputs }) =>
    Object.entries(outputs).map(([port, { type }]) => ({
      value: `${id}.${port}`,
      description: type,
    })),
  );

const params: Source = async asked =>
  Object.entries((await planOf(asked)).params).map(([name, param]) => ({
    value: `${name}=`,
    description: 'value' in param ? `now ${canonicalJson(param.value)}` : param.type,
  }));

const librarySteps: Source = () =>
  plain(
    readdirSync(libraryFolder())
      .filter(name => existsSync(join(libraryFolder(), name, 'step.yaml')))
      .sort(byCodeUnit),
  );

const datasets: Source = ({ invocation: { cwd } }) =>
  plain(readRegistry(stateOf(requireProject(cwd), DATASETS)).keys());

const datasetVersions: Source = ({ invocation: { cwd } }) =>
  [...readRegistry(stateOf(requireProject(cwd), DATASETS))].flatMap(([name, versions]) =>
    plain(versions.map(({ number }) => `${name}/${number}`)),
  );

const deployments: Source = ({ invocation: { cwd } }) =>
  plain(readDeployments(stateOf(requireProject(cwd), DEPLOYMENTS)).map(({ name }) => name));

/** By the place's name, or `command.name` where that name means several things. */
const SOURCES: Readonly<Record<string, Source>> = {
  pipeline: pipelines,
  config: configs,
  param: params,
  step: steps,
  force: steps,
  'step.port': ports,
  run: runs,
  executor: () => plain(SUPPORTED),
  code: () => plain(explainedCodes()),
  'steps.name': librarySteps,
  'list.name': datasets,
  version: datasetVersions,
  'rollback.name': deployments,
  'rollback.version': () => [],
};

export const sourceOf = (command: string, place: string): Source | undefined =>
  SOURCES[`${command}.${place}`] ?? SOURCES[place];

type Planned = {
  readonly params: Readonly<Record<string, { readonly value: Json } | { readonly type: string }>>;
  readonly steps: readonly {
    readonly id: string;
    readonly name: string;
    readonly description: string | null;
    readonly outputs: Readonly<Record<string, { readonly type: string }>>;
  }[];
};

/** Of the pipeline that the line names, or the only one, with all that the line says of it so far. */
async function planOf({
  invocation,
  line: { options, arguments: words, slot },
}: Asked): Promise<Planned> {
  const takesPipeline =
    slot.kind === 'value' && slot.of.registeredArguments[0]?.name() === 'pipeline';
  const named = options.get('pipeline')?.[0] ?? (takesPipeline ? words[0] : undefined);
  const sample = options.get('sample')?.at(-1);
  const { compilation, pipeline } = await compileProject(invocation, named, {
    config: options.get('config') ?? [],
    param: options.get('param') ?? [],
    profile: options.get('profile')?.at(-1) ?? invocation.env['SLUICE_PROFILE'],
    sample: sample === undefined ? undefined : sampleFraction(sample),
  });
  return compilation.plan ?? written(pipeline, compilation.sources.get(pipeline) ?? '');
}

/** What can be read in a pipeline that does not compile yet: parameters may be about to follow. */
async function written(file: string, text: string): Promise<Planned> {
  const { parsePipeline } = await import('../../compiler/pipeline.ts');
  const { params = new Map(), steps = new Map() } =
    parsePipeline(file, new TextEncoder().encode(text)).value ?? {};
  return {
    params: Object.fromEntries(
      [...params].map(([name, { value }]) => [name, { type: value.declaration.type }]),
    ),
    steps: [...steps].map(
      ([
        id,
        {
          value: { description, out },
        },
      ]) => ({
        id,
        name: id,
        description,
        outputs: Object.fromEntries(
          [...out].map(([port, { value }]) => [port, { type: value.type.value }]),
        ),
      }),
    ),
  };
}
