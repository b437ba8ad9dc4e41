/**
 * Sluice beside other tools, in one run on one machine: the same many small tasks, executed, then
 * with nothing to do, then with one input changed. `node bench/peers/run.ts [count…]` installs the
 * others into a temporary folder and prints a table; what does not install is named and left out.
 * `npm run build` first: what is installed is what was built.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childrenCpuMs } from '../processor-time.ts';
import { installFromNpm } from './from-npm.ts';
import { installFromPython } from './from-python.ts';
import { answerOf, execute } from './process.ts';
import { copying, type Project, type Tool } from './tool.ts';

const REPOSITORY = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const ROUNDS = 5;

/** As npm installs it: a checkout looks at each start whether a source is newer than what was built. */
function installSluice(folder: string): readonly Tool[] {
  mkdirSync(folder);
  for (const part of ['sluice', 'package.json', 'dist']) {
    cpSync(join(REPOSITORY, part), join(folder, part), { recursive: true });
  }
  symlinkSync(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'));
  return [sluice(join(folder, 'sluice'))];
}

const sluice = (program: string): Tool => ({
  name: 'sluice',
  decidesBy: 'content',
  version: () => answerOf(program, ['--version']),
  prepare: ({ folder, count, counter }) => {
    mkdirSync(join(folder, 'pipelines'));
    mkdirSync(join(folder, 'in'));
    const steps = Array.from({ length: count }, (_, index) => {
      writeFileSync(join(folder, 'in', `${index}.txt`), `${index}\n`);
      const run = copying('${{ in.x }}', '${{ out.y }}', counter);
      return `  s${index}:\n    run: ${run}\n    in: { x: ./in/${index}.txt }\n    out: { y: file }\n`;
    });
    const text = `sluice: 1\nname: many\nsteps:\n${steps.join('')}`;
    writeFileSync(join(folder, 'pipelines', 'many.yaml'), text);
  },
  command: [program, 'run', '--quiet'],
  firstInput: 'in/0.txt',
  firstOutput: undefined,
});

type Figure = { readonly ms: number; readonly cpuMs: number; readonly executed: number };

type Row = {
  readonly tool: Tool;
  readonly count: number;
  readonly first: Figure;
  readonly nothing: Figure;
  readonly one: Figure;
};

function measure(tool: Tool, count: number, scratch: string): Row {
  const folder = join(scratch, `${tool.name}-${count}`);
  mkdirSync(folder);
  const project: Project = { folder, count, counter: join(scratch, `${tool.name}-${count}.ran`) };
  writeFileSync(project.counter, '');
  tool.prepare(project);
  const first = figure(tool, project);
  figure(tool, project); // Some write down only now what they have seen.
  const nothing = median(Array.from({ length: ROUNDS }, () => figure(tool, project)));
  const one = median(Array.from({ length: ROUNDS }, (_, round) => changed(tool, project, round)));
  return { tool, count, first, nothing, one };
}

function changed(tool: Tool, project: Project, round: number): Figure {
  const text = `changed ${round}\n`;
  writeFileSync(join(project.folder, tool.firstInput), text);
  const taken = figure(tool, project);
  if (tool.firstOutput === undefined) return taken;
  const copy = readFileSync(join(project.folder, tool.firstOutput), 'utf8');
  if (copy !== text) throw new Error(`${tool.name} has not copied what was changed`);
  return taken;
}

function figure({ command, env = {} }: Tool, { folder, counter }: Project): Figure {
  const [program, ...args] = command;
  const before = { ran: linesOf(counter), cpu: childrenCpuMs() ?? 0, at: performance.now() };
  execute(program, args, folder, env);
  return {
    ms: performance.now() - before.at,
    cpuMs: (childrenCpuMs() ?? 0) - before.cpu,
    executed: linesOf(counter) - before.ran,
  };
}

const linesOf = (path: string): number => readFileSync(path, 'utf8').split('\n').length - 1;

function median(figures: readonly Figure[]): Figure {
  const middle = figures.toSorted((a, b) => a.ms - b.ms)[figures.length >> 1];
  if (middle === undefined) throw new Error('nothing was measured');
  return middle;
}

/** An installation that fails is said, and the others are compared. */
function installed(what: string, install: () => readonly Tool[]): readonly Tool[] {
  try {
    return install();
  } catch (error) {
    console.info(`left out: ${what} (${String(error).split('\n')[0]})`);
    return [];
  }
}

function print(rows: readonly Row[]): void {
  const machine = `${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`;
  console.info(`\n${machine}; milliseconds of wall time / of processor time, tasks executed\n`);
  const line = (...cells: readonly string[]) =>
    console.info(
      cells.map((cell, at) => (at < 3 ? cell.slice(0, 17).padEnd(18) : cell.padStart(22))).join(''),
    );
  line('tool', 'decides by', 'tasks', 'first', 'nothing to do', 'one changed');
  const cell = ({ ms, cpuMs, executed }: Figure) =>
    `${ms.toFixed(0)} / ${cpuMs.toFixed(0)}, ${executed}`;
  for (const { tool, count, first, nothing, one } of rows) {
    const named = `${tool.name} ${tool.version()}`;
    line(named, tool.decidesBy, String(count), cell(first), cell(nothing), cell(one));
  }
}

const counts = process.argv.slice(2).map(Number);
const scratch = mkdtempSync(join(tmpdir(), 'sluice-peers-'));
try {
  const tools = [
    ...installSluice(join(scratch, 'sluice')),
    ...installed('turbo, nx, wireit', () => installFromNpm(join(scratch, 'npm'))),
    ...installed('ninja, snakemake', () => installFromPython(join(scratch, 'python'))),
  ];
  const rows = (counts.length === 0 ? [100, 1000] : counts).flatMap(count =>
    tools.map(tool => measure(tool, count, scratch)),
  );
  print(rows);
} finally {
  if (existsSync(scratch)) rmSync(scratch, { recursive: true, force: true });
}
