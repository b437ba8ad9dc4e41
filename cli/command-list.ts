/**
 * Every command by name, and which module holds it: loaded only when it is named, because start-up
 * time is everybody's. Unaware of what commands do.
 */
import type { Define } from './command.ts';

export type Entry = {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<{ readonly define: Define }>;
};

/** In the order of a working day, which is the order `sluice --help` shows them in. */
export const COMMANDS: readonly Entry[] = [
  { name: 'init', summary: 'start a project that runs', load: () => import('./commands/init.ts') },
  {
    name: 'check',
    summary: 'compile only; show everything that is wrong',
    load: () => import('./commands/check.ts'),
  },
  { name: 'plan', summary: 'what would run, and why', load: () => import('./commands/plan.ts') },
  { name: 'run', summary: 'do it', load: () => import('./commands/run.ts') },
  {
    name: 'watch',
    summary: 'run, then again on every change that matters',
    load: () => import('./commands/watch.ts'),
  },
  {
    name: 'why',
    summary: 'why a step would run, or why it hits',
    load: () => import('./commands/why.ts'),
  },
  { name: 'graph', summary: 'the DAG', load: () => import('./commands/graph.ts') },
  { name: 'runs', summary: 'the runs so far', load: () => import('./commands/runs.ts') },
  { name: 'show', summary: 'one run', load: () => import('./commands/show.ts') },
  { name: 'logs', summary: 'what a step printed', load: () => import('./commands/logs.ts') },
  {
    name: 'replay',
    summary: 'a recorded run, told again',
    load: () => import('./commands/replay.ts'),
  },
  {
    name: 'ui',
    summary: 'a recorded run, to look around in',
    load: () => import('./commands/ui.ts'),
  },
  {
    name: 'get',
    summary: 'an output, as a file or folder',
    load: () => import('./commands/get.ts'),
  },
  { name: 'steps', summary: 'the step library', load: () => import('./commands/steps.ts') },
  {
    name: 'data',
    summary: 'dataset versions: list, show, restore',
    load: () => import('./commands/data.ts'),
  },
  {
    name: 'deployments',
    summary: 'what is deployed',
    load: () => import('./commands/deployments.ts'),
  },
  {
    name: 'rollback',
    summary: 'put an earlier version of a deployment back',
    load: () => import('./commands/rollback.ts'),
  },
  {
    name: 'store',
    summary: 'the store: status, verify, gc, pin',
    load: () => import('./commands/store.ts'),
  },
  {
    name: 'config',
    summary: 'every setting that holds here, and where it comes from',
    load: () => import('./commands/config.ts'),
  },
  {
    name: 'images',
    summary: 'make the image of the step library',
    load: () => import('./commands/images.ts'),
  },
  {
    name: 'lock',
    summary: 'which content the images of steps have',
    load: () => import('./commands/lock.ts'),
  },
  {
    name: 'doctor',
    summary: 'what this machine offers',
    load: () => import('./commands/doctor.ts'),
  },
  {
    name: 'explain',
    summary: 'a diagnostic or failure, at length',
    load: () => import('./commands/explain.ts'),
  },
  {
    name: 'schema',
    summary: 'the JSON Schemas, for editors',
    load: () => import('./commands/schema.ts'),
  },
  {
    name: 'completion',
    summary: 'completions for your shell',
    load: () => import('./commands/completion.ts'),
  },
];
