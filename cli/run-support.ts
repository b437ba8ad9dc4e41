/**
 * What every command that runs a pipeline gives to its reader and its runner beside the plan: how a
 * step is repeated, and how long steps took.
 */
import { lastDuration, openLatest } from '../runner/latest.ts';
import { projectPart } from '../runner/project-part.ts';
import type { StepId } from '../schema/id.ts';
import type { Plan } from '../schema/plan.ts';
import type { Store } from '../store/store.ts';
import { shareText } from '../ui/words.ts';
import type { CompileOptions, PlannedProject } from './compilation.ts';

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
  const latest = openLatest(projectPart({ project: project.root, home: project.home }), plan);
  for (const { id } of plan.steps) {
    const last = await lastDuration(id, { latest, store });
    if (last !== null) durations.set(id, last);
  }
}

/** The command line that repeats one step of this run with the same settings. */
export function again(
  { pipeline, sample }: Plan,
  { config, param, profile, executor }: CompileOptions & { readonly executor?: string | undefined },
) {
  const words = [
    ...config.flatMap(name => ['-c', name]),
    ...param.flatMap(text => ['-p', text]),
    ...(profile === undefined ? [] : ['--profile', profile]),
    ...(sample === undefined ? [] : ['--sample', shareText(sample.fraction)]),
    ...(executor === undefined ? [] : ['--executor', executor]),
  ].map(quoted);
  return (step: string) =>
    ['sluice', 'run', pipeline.name, ...words, '--step', quoted(step)].join(' ');
}

const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
