/**
 * What a build tool must offer so that a scenario can be played on it, and Sluice as one. The
 * scenarios in scenarios.ts know no more of a tool than this. Unaware of vitest.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../../harness/temp-project.ts';

/** A task in words that every tool knows: `{in.x}` and `{out.x}` in the command are its paths. */
export type Task = {
  readonly command: string;
  /** Name → path in the project; a path that another task writes makes that one a need. */
  readonly in?: Readonly<Record<string, string>>;
  readonly out: Readonly<Record<string, string>>;
  /** Declared names; the values are those of the environment that the tool is started with. */
  readonly env?: readonly string[];
};

export type Tasks = Readonly<Record<string, Task>>;

export type Tool = {
  readonly name: string;
  /** Writes the tool's own files into the project. */
  readonly configure: (root: string, tasks: Tasks, env: Readonly<Record<string, string>>) => void;
  /** Runs every task that has to run. */
  readonly command: readonly [program: string, ...args: string[]];
  readonly env?: Readonly<Record<string, string>>;
  /** Where it keeps results and what it knows of them: files and folders of the project. */
  readonly store: readonly string[];
};

export const sluice: Tool = {
  name: 'sluice',
  configure: (root, tasks, env) => {
    const steps = Object.entries(tasks).map(([name, task]) => [name, stepOf(task, tasks, env)]);
    mkdirSync(join(root, 'pipelines'), { recursive: true });
    const document = { sluice: 1, name: 'p', steps: Object.fromEntries(steps) };
    writeFileSync(join(root, 'pipelines/p.yaml'), JSON.stringify(document, null, 2));
  },
  command: [join(REPOSITORY, 'sluice'), 'run'],
  // Not `format`, which says what the rest means: a store of an unknown format is refused.
  store: ['blobs', 'traces', 'latest', 'placed.jsonl', 'stat-cache.db'].map(
    name => `.sluice/${name}`,
  ),
};

function stepOf(task: Task, tasks: Tasks, env: Readonly<Record<string, string>>) {
  const out = Object.entries(task.out).map(([port, to]) => [port, { type: typeOf(to), to }]);
  const inputs = Object.entries(task.in ?? {}).map(([port, path]) => [
    port,
    makerOf(path, tasks) ?? `./${path}`,
  ]);
  const declared = (task.env ?? []).flatMap(name => {
    const value = env[name];
    return value === undefined ? [] : [[name, value]];
  });
  return {
    run: task.command.replaceAll(/\{((?:in|out)\.\w+)\}/g, '${{ $1 }}'),
    in: Object.fromEntries(inputs),
    out: Object.fromEntries(out),
    env: Object.fromEntries(declared),
  };
}

const typeOf = (path: string): string => (path.includes('.') ? 'file' : 'dir');

/** `task.port` of whoever writes a path. */
function makerOf(path: string, tasks: Tasks): string | undefined {
  for (const [name, { out }] of Object.entries(tasks)) {
    const port = Object.keys(out).find(key => out[key] === path);
    if (port !== undefined) return `${name}.${port}`;
  }
  return undefined;
}
