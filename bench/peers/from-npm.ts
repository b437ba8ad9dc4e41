/** Turborepo, Nx and wireit, installed by npm into a folder of the benchmark. Unaware of figures. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGES } from './packages.ts';
import { execute, gitCommit } from './process.ts';
import { copying, type Project, type Tool } from './tool.ts';

const QUIET = {
  TURBO_TELEMETRY_DISABLED: '1',
  DO_NOT_TRACK: '1',
  NX_DAEMON: 'false',
  NX_NO_CLOUD: 'true',
  NX_TUI: 'false',
  CI: '1',
};

export function installFromNpm(folder: string): readonly Tool[] {
  mkdirSync(folder);
  writeJson(folder, 'package.json', { private: true });
  execute('npm', ['install', '--no-audit', '--no-fund', '--silent', ...PACKAGES], folder);
  const modules = join(folder, 'node_modules');
  return [turbo(modules), nx(modules), wireit(modules)];
}

const versionIn = (modules: string, name: string) => () =>
  String(JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8')).version);

const writeJson = (folder: string, name: string, value: unknown): void =>
  writeFileSync(join(folder, name), `${JSON.stringify(value, null, 2)}\n`);

/** A package for each task, as both want it. */
function writePackages({ folder, count, counter }: Project): void {
  for (let index = 0; index < count; index += 1) {
    const home = join(folder, 'packages', `p${index}`);
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, 'in.txt'), `${index}\n`);
    const scripts = { copy: copying('in.txt', 'out.txt', counter) };
    writeJson(home, 'package.json', { name: `p${index}`, version: '1.0.0', scripts });
  }
  writeFileSync(join(folder, '.gitignore'), 'node_modules\nout.txt\n.turbo\n.nx\n');
}

function turbo(modules: string): Tool {
  return {
    name: 'turbo',
    decidesBy: 'content',
    version: versionIn(modules, 'turbo'),
    prepare: project => {
      const { folder } = project;
      writePackages(project);
      writeJson(folder, 'package.json', {
        name: 'many',
        private: true,
        packageManager: 'npm@10.0.0',
        workspaces: ['packages/*'],
      });
      const copy = { inputs: ['in.txt'], outputs: ['out.txt'] };
      writeJson(folder, 'turbo.json', { tasks: { copy } });
      symlinkSync(modules, join(folder, 'node_modules'));
      gitCommit(folder);
    },
    command: [join(modules, '.bin/turbo'), 'run', 'copy', '--output-logs=none'],
    env: QUIET,
    firstInput: 'packages/p0/in.txt',
    firstOutput: 'packages/p0/out.txt',
  };
}

function nx(modules: string): Tool {
  return {
    name: 'nx',
    decidesBy: 'content',
    version: versionIn(modules, 'nx'),
    prepare: project => {
      const { folder } = project;
      writePackages(project);
      writeJson(folder, 'package.json', {
        name: 'many',
        private: true,
        workspaces: ['packages/*'],
      });
      const copy = {
        cache: true,
        inputs: ['{projectRoot}/in.txt'],
        outputs: ['{projectRoot}/out.txt'],
      };
      writeJson(folder, 'nx.json', { targetDefaults: { copy } });
      symlinkSync(modules, join(folder, 'node_modules'));
      gitCommit(folder);
    },
    command: [join(modules, '.bin/nx'), 'run-many', '-t', 'copy', '--outputStyle=static'],
    env: QUIET,
    firstInput: 'packages/p0/in.txt',
    firstOutput: 'packages/p0/out.txt',
  };
}

function wireit(modules: string): Tool {
  return {
    name: 'wireit',
    decidesBy: 'content',
    version: versionIn(modules, 'wireit'),
    prepare: ({ folder, count, counter }) => {
      const names = Array.from({ length: count }, (_, index) => `t${index}`);
      mkdirSync(join(folder, 'in'));
      mkdirSync(join(folder, 'out'));
      for (const name of names) writeFileSync(join(folder, 'in', name), `${name}\n`);
      const tasks = names.map(name => {
        const [from, to] = [`in/${name}`, `out/${name}`];
        return [name, { command: copying(from, to, counter), files: [from], output: [to] }];
      });
      writeJson(folder, 'package.json', {
        name: 'many',
        scripts: Object.fromEntries(['all', ...names].map(name => [name, 'wireit'])),
        wireit: { all: { dependencies: names }, ...Object.fromEntries(tasks) },
      });
      symlinkSync(modules, join(folder, 'node_modules'));
    },
    command: ['npm', 'run', '--silent', 'all'],
    env: { ...QUIET, WIREIT_LOGGER: 'quiet' },
    firstInput: 'in/t0',
    firstOutput: 'out/t0',
  };
}
