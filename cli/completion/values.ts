/**
 * What may stand at a place of the command line: pipelines, steps and their ports, parameters, runs
 * and the like, as this project has them now. Reads only; unaware of shells.
 */
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { explainedCodes } from '../../compiler/explanations.ts';
import { listRuns } from '../../runner/history.ts';
import { byCodeUnit, canonicalJson } from '../../schema/canonical-json.ts';
import type { Plan } from '../../schema/plan.ts';
import type { Invocation } from '../command.ts';
import { compileProject } from '../compilation.ts';
import { readRegistry } from '../dataset-registry.ts';
import { readDeployments } from '../deployment-folders.ts';
import { SUPPORTED } from '../executors.ts';
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
  (await listRuns(requireProject(cwd).home, RUNS)).map(({ run, pipeline, finished }) => ({
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
  Object.entries((await planOf(asked)).params).map(([name, { value }]) => ({
    value: `${name}=`,
    description: `now ${canonicalJson(value)}`,
  }));

const librarySteps: Source = () =>
  plain(
    readdirSync(libraryFolder())
      .filter(name => existsSync(join(libraryFolder(), name, 'step.yaml')))
      .sort(byCodeUnit),
  );

const datasets: Source = ({ invocation: { cwd } }) =>
  plain(readRegistry(requireProject(cwd).home).keys());

const datasetVersions: Source = ({ invocation: { cwd } }) =>
  [...readRegistry(requireProject(cwd).home)].flatMap(([name, versions]) =>
    plain(versions.map(({ number }) => `${name}/${number}`)),
  );

const deployments: Source = ({ invocation: { cwd } }) =>
  plain(readDeployments(requireProject(cwd).home).map(({ name }) => name));

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

type Planned = Pick<Plan, 'steps' | 'params'>;

/** Of the pipeline that the line names, or the only one. */
async function planOf({
  invocation,
  line: { options, arguments: words, slot },
}: Asked): Promise<Planned> {
  const takesPipeline =
    slot.kind === 'value' && slot.of.registeredArguments[0]?.name() === 'pipeline';
  const named = options.get('pipeline')?.[0] ?? (takesPipeline ? words[0] : undefined);
  const config = options.get('config') ?? [];
  const { compilation } = await compileProject(invocation, named, { config, param: [] });
  return compilation.plan ?? NOTHING;
}

/** Of a pipeline that does not compile. */
const NOTHING: Planned = { params: {}, steps: [] };
