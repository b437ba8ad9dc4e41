/**
 * What `run`, `plan` and `why` tell the runner beside the plan: where things are, the machine, the
 * limits, the environment. Flags win over the settings of `sluice.yaml`, those over the machine.
 */
import { randomInt } from 'node:crypto';
import { systemClock } from '../runner/clock.ts';
import { lookForGpus, NO_GPUS } from '../runner/executors/gpus.ts';
import { runIds } from '../runner/history.ts';
import type { RunRequest } from '../runner/run.ts';
import { type RunId, runId } from '../schema/id.ts';
import type { Plan } from '../schema/plan.ts';
import type { Invocation } from './command.ts';
import type { PlannedProject } from './compilation.ts';
import { gitState } from './git.ts';
import { thisMachine } from './machine.ts';
import { nearNames } from './near-names.ts';
import { positiveInteger } from './options.ts';
import { libraryFolder } from './project.ts';
import { usageError } from './usage.ts';

export type RunnerFlags = {
  readonly step?: readonly string[] | undefined;
  readonly parallel?: string | undefined;
  readonly keepGoing?: true | undefined;
  readonly force?: true | string | undefined;
};

export type RunnerInputs = Omit<
  RunRequest,
  'store' | 'executor' | 'events' | 'signal' | 'kill' | 'run'
>;

/** Throws CommandError for a flag that names no step. */
export function runnerInputs(
  { env }: Invocation,
  { plan, project, compilation: { settings } }: PlannedProject,
  flags: RunnerFlags,
): RunnerInputs {
  const { root, home } = project;
  const { step: only = [], force, parallel, keepGoing } = flags;
  for (const name of only) requireStep(plan, name);
  if (typeof force === 'string') requireStep(plan, force);
  const state = hasEffects(plan) ? gitState(root) : undefined;
  return {
    plan,
    project: root,
    home,
    libraryFolder: libraryFolder(),
    parallel:
      parallel === undefined ? settings.parallel?.value : positiveInteger('--parallel', parallel),
    machine: thisMachine(wantsGpus(plan) ? lookForGpus(env) : NO_GPUS),
    pools: settings.pools,
    keepGoing: keepGoing === true,
    force: force === true ? 'all' : force === undefined ? undefined : new Set([force]),
    only: only.length === 0 ? undefined : new Set(only),
    environment: env,
    commit: state === undefined ? undefined : { id: state.commit, dirty: state.dirty },
    clock: systemClock,
  };
}

/** Asking the driver takes a while, and few pipelines need the answer. */
const wantsGpus = ({ steps }: Plan): boolean =>
  steps.some(({ policy }) => policy.resources.gpus > 0);

/** Only the records of effects name the commit; asked before the run, because it may move meanwhile. */
const hasEffects = ({ steps }: Plan): boolean => steps.some(({ kind }) => kind === 'effect');

const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz';

/** For a project: above those of all the runs that are recorded in it. */
export function newRunId(part: string): RunId {
  const random = Array.from({ length: 3 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  const [newest] = runIds(part);
  return runId(new Date(), random, newest);
}

/** A step of the plan by its address, or all instances of a matrix step by its name. */
export function requireStep({ steps, pipeline }: Plan, named: string): void {
  if (steps.some(({ id, name }) => id === named || name === named)) return;
  const known = steps.map(({ id }) => id);
  const help = nearNames(named, known, 'it has');
  throw usageError(`pipeline \`${pipeline.name}\` has no step \`${named}\``, help);
}
