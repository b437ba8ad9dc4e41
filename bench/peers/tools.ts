/**
 * Other tools that reuse results, set up for the scenarios as their documentation recommends:
 * declared inputs, outputs and environment, local cache, no daemon, no cloud. Unaware of scenarios.
 */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Task, Tasks, Tool } from '../../test/conformance/cache/tool.ts';

/** `modules` is the folder into which npm has installed them. */
export function peers(modules: string): readonly Tool[] {
  const program = (name: string) => join(modules, '.bin', name);
  return [
    {
      name: 'wireit',
      configure: (root, tasks) => configure(root, modules, wireitFiles(tasks)),
      command: ['npm', 'run', '--silent', 'all'],
      env: { WIREIT_CACHE: 'local', WIREIT_LOGGER: 'simple' },
      store: ['.wireit'],
    },
    {
      name: 'turbo',
      configure: (root, tasks) => configure(root, modules, turboFiles(tasks)),
      command: [program('turbo'), 'run', 'all', '--no-daemon', '--output-logs=errors-only'],
      env: { TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' },
      store: ['.turbo/cache'],
    },
    {
      name: 'nx',
      configure: (root, tasks) => configure(root, modules, nxFiles(tasks)),
      command: [program('nx'), 'run', 'p:all', '--outputStyle=static'],
      env: { NX_DAEMON: 'false', NX_NO_CLOUD: 'true', NX_ISOLATE_PLUGINS: 'false' },
      store: ['.nx/cache'],
    },
  ];
}

type Document = { readonly path: string; readonly content: object };

function configure(root: string, modules: string, documents: readonly Document[]): void {
  for (const { path, content } of documents) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `${JSON.stringify(content, null, 2)}\n`);
  }
  try {
    symlinkSync(modules, join(root, 'node_modules'));
    writeFileSync(join(root, '.gitignore'), 'node_modules\n.wireit\n.turbo\n.nx\n');
  } catch {
    // They are there from the last time.
  }
}

const commandOf = (task: Task): string =>
  task.command
    .replaceAll(/\{in\.(\w+)\}/g, (_, name) => task.in?.[name] ?? '')
    .replaceAll(/\{out\.(\w+)\}/g, (_, name) => task.out[name] ?? '');

const isFolder = (path: string): boolean => !path.includes('.');
const globs = (paths: readonly string[]): readonly string[] =>
  paths.map(path => (isFolder(path) ? `${path}/**` : path));

/** Only files that nobody makes: of what a task makes, its dependents know already. */
function inputsOf(task: Task, tasks: Tasks): readonly string[] {
  const made = new Set(Object.values(tasks).flatMap(({ out }) => Object.values(out)));
  return globs(Object.values(task.in ?? {}).filter(path => !made.has(path)));
}
const outputsOf = (task: Task): readonly string[] => globs(Object.values(task.out));

/** Tasks that write what this one reads. */
function needsOf(task: Task, tasks: Tasks): readonly string[] {
  const read = new Set(Object.values(task.in ?? {}));
  return Object.entries(tasks)
    .filter(([, { out }]) => Object.values(out).some(path => read.has(path)))
    .map(([name]) => name);
}

const mapTasks = <T>(tasks: Tasks, of: (task: Task) => T): Record<string, T> =>
  Object.fromEntries(Object.entries(tasks).map(([name, task]) => [name, of(task)]));

const manifest = { name: 'p', version: '1.0.0', private: true, packageManager: 'npm@11.0.0' };

function wireitFiles(tasks: Tasks): readonly Document[] {
  const scripts = mapTasks({ ...tasks, all: { command: '', out: {} } }, () => 'wireit');
  const wireit = mapTasks(tasks, task => ({
    command: commandOf(task),
    files: inputsOf(task, tasks),
    output: outputsOf(task),
    dependencies: needsOf(task, tasks),
    env: Object.fromEntries((task.env ?? []).map(name => [name, { external: true }])),
  }));
  const all = { dependencies: Object.keys(tasks) };
  return [{ path: 'package.json', content: { ...manifest, scripts, wireit: { ...wireit, all } } }];
}

function turboFiles(tasks: Tasks): readonly Document[] {
  const scripts = { ...mapTasks(tasks, commandOf), all: 'true' };
  const own = mapTasks(tasks, task => ({
    inputs: inputsOf(task, tasks),
    outputs: outputsOf(task),
    dependsOn: needsOf(task, tasks),
    env: task.env ?? [],
  }));
  const all = { dependsOn: Object.keys(tasks), cache: false };
  return [
    { path: 'package.json', content: { ...manifest, scripts } },
    { path: 'turbo.json', content: { tasks: { ...own, all } } },
  ];
}

function nxFiles(tasks: Tasks): readonly Document[] {
  const targets = mapTasks(tasks, task => ({
    executor: 'nx:run-commands',
    options: { command: commandOf(task), cwd: '.' },
    cache: true,
    inputs: [
      ...inputsOf(task, tasks).map(path => `{projectRoot}/${path}`),
      ...(task.env ?? []).map(env => ({ env })),
      { dependentTasksOutputFiles: '**/*' },
    ],
    outputs: Object.values(task.out).map(path => `{projectRoot}/${path}`),
    dependsOn: needsOf(task, tasks),
  }));
  const all = { executor: 'nx:noop', dependsOn: Object.keys(tasks) };
  return [
    { path: 'package.json', content: manifest },
    { path: 'nx.json', content: { analytics: false } },
    { path: 'project.json', content: { name: 'p', root: '.', targets: { ...targets, all } } },
  ];
}
