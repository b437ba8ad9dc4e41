/**
 * What every command that runs a pipeline wants beside the plan: a reader that knows how a step is
 * repeated and what its keys do, and how long steps took.
 */
import { lastDuration, openLatest } from '../runner/latest.ts';
import type { StepCommands } from '../runner/step-commands.ts';
import type { RunId, StepId } from '../schema/id.ts';
import type { Plan } from '../schema/plan.ts';
import type { Store } from '../store/store.ts';
import { shareText } from '../ui/words.ts';
import type { Invocation } from './command.ts';
import type { CompileOptions, PlannedProject } from './compilation.ts';
import type { Interruption } from './interrupt.ts';
import { logFilesOf } from './log-files.ts';
import { pipelineWord } from './project.ts';
import { openReader, type Reader, type ReaderOptions } from './readers.ts';

type RepeatOptions = CompileOptions & { readonly executor?: string | undefined };

export type RunInProgress = {
  readonly run: RunId;
  readonly history: ReadonlyMap<StepId, number>;
  readonly commands: StepCommands;
  readonly interruption: Pick<Interruption, 'press'>;
};

/** Tells one run, and hands on what is pressed while it tells. */
export function openRunReader(
  invocation: Invocation,
  { plan, project }: PlannedProject,
  options: RepeatOptions & Pick<ReaderOptions, 'ui' | 'json'>,
  { run, history, commands, interruption }: RunInProgress,
): Reader {
  return openReader(invocation, {
    ...options,
    again: again(plan, pipelineWord(project, plan.pipeline.path, invocation.cwd), options),
    pipelinePath: plan.pipeline.path,
    logs: logFilesOf({ ...project, run }),
    history: () => history,
    command: command => {
      if (command.kind === 'interrupt') interruption.press();
      else commands.send(command);
    },
  });
}

export const STOPPING = {
  1: 'Stopping: running steps may tidy up. Press Ctrl-C again to kill them.',
  2: 'Killing.',
};

/** How long steps took the last time, while the run is under way already: for estimates only. */
export async function learnDurations(
  { plan, project }: PlannedProject,
  store: Store,
  durations: Map<StepId, number>,
): Promise<void> {
  const latest = openLatest(project.part, plan);
  for (const { id } of plan.steps) {
    const last = await lastDuration(id, { latest, store });
    if (last !== null) durations.set(id, last);
  }
}

/** The command line that repeats one step of this run of `pipeline` with the same settings. */
export function again(
  { sample }: Plan,
  pipeline: string,
  { config, param, profile, executor }: RepeatOptions,
) {
  const words = [
    ...config.flatMap(name => ['-c', name]),
    ...param.flatMap(text => ['-p', text]),
    ...(profile === undefined ? [] : ['--profile', profile]),
    ...(sample === undefined ? [] : ['--sample', shareText(sample.fraction)]),
    ...(executor === undefined ? [] : ['--executor', executor]),
  ].map(quoted);
  return (step: string) =>
    ['sluice', 'run', quoted(pipeline), ...words, '--step', quoted(step)].join(' ');
}

const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
