/**
 * What one flat folder of many files costs, in time and in memory: `node bench/large-folder.ts
 * [folder [files]]`, by default 200,000 files. `npm run build` first, or `sluice` starts sources.
 * `node bench/large-folder.ts . 1000000` makes (and removes) a million and a half, which takes long:
 * look at `df -i` before.
 *
 * Each figure comes from a process of its own, once with half the files and once with all. Memory
 * per file is the difference of the two peaks of resident memory over the difference in files: what
 * a process needs anyway does not count, and garbage that was not collected in time does. Beside
 * them stands what nobody can do without: the names, and a stat of each. Linux only.
 */
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openLocalStore } from '../store/local.ts';
import { removeTree } from '../store/remove-tree.ts';
import { childrenCpuMs } from './processor-time.ts';

const SELF = fileURLToPath(import.meta.url);
const SLUICE = join(dirname(dirname(SELF)), 'sluice');

/** As the launcher starts it. */
const YOUNG = '--max-semi-space-size=16';

type Cost = { readonly wallMs: number; readonly cpuMs: number; readonly peak: number };

/** Read by the process that is measured, at its end. */
const TELL_PEAK = `import fs from 'node:fs';
process.on('exit', () => fs.writeFileSync(process.env.PEAK_FILE, fs.readFileSync('/proc/self/status')));`;

function main(place: string, count: number): void {
  const scratch = mkdtempSync(join(place, '.bench-large-folder-'));
  try {
    const halves = [count / 2, count].map(files => {
      const project = join(scratch, String(files));
      makeProject(project, files);
      return { files, rows: measure(project) };
    });
    print(halves);
  } finally {
    removeTree(scratch);
  }
}

/** One step that reads the folder. Its files are empty: all else is what is to be measured. */
function makeProject(project: string, files: number): void {
  const data = join(project, 'data');
  mkdirSync(data, { recursive: true });
  mkdirSync(join(project, 'pipelines'));
  writeFileSync(
    join(project, 'pipelines', 'large.yaml'),
    `sluice: 1\nname: large\nsteps:\n  s:\n    run: touch \${{ out.y }}\n    in: { x: ./data }\n    out: { y: file }\n`,
  );
  for (let index = 0; index < files; index++) writeFileSync(join(data, `f${index}`), '');
  // ctime cannot be set back: wait until it lies outside the time in which it is not trusted.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_100);
}

function measure(project: string): ReadonlyMap<string, Cost> {
  const step = (what: 'stat' | 'digest') => () =>
    cost(project, process.execPath, [YOUNG, SELF, '--act', what, join(project, 'data')]);
  const sluice =
    (...args: string[]) =>
    () =>
      cost(project, SLUICE, args);
  const changed = (act: () => Cost) => () => {
    appendFileSync(join(project, 'data', 'f0'), 'x');
    return act();
  };
  const acts: readonly (readonly [what: string, act: () => Cost])[] = [
    ['readdir and lstat', step('stat')],
    ['digest, never seen', step('digest')],
    ['digest, unchanged', step('digest')],
    ['digest, one changed', changed(step('digest'))],
    ['sluice check', sluice('check')],
    ['sluice run, the first', sluice('run')],
    ['sluice run, nothing to do', sluice('run')],
    ['sluice run, one changed', changed(sluice('run'))],
  ];
  return new Map(acts.map(([what, run]) => [what, run()]));
}

function cost(project: string, program: string, args: readonly string[]): Cost {
  const file = join(project, 'peak');
  const hook = `data:text/javascript,${encodeURIComponent(TELL_PEAK)}`;
  const env = { ...process.env, NODE_OPTIONS: `--import=${hook}`, PEAK_FILE: file };
  const [start, before = 0] = [performance.now(), childrenCpuMs()];
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: project, env });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}\n${stdout}${stderr}`);
  const [wallMs, cpuMs] = [performance.now() - start, (childrenCpuMs() ?? 0) - before];
  const kibibytes = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(file, 'utf8'))?.[1];
  return { wallMs, cpuMs, peak: Number(kibibytes) * 1024 };
}

async function act(what: string | undefined, folder: string): Promise<void> {
  if (what === 'stat') {
    for (const name of readdirSync(folder)) lstatSync(`${folder}/${name}`, { bigint: true });
    return;
  }
  const store = await openLocalStore({ root: join(dirname(folder), 'store') });
  if (!store.ok) throw new Error(JSON.stringify(store.error));
  const digest = await store.value.digest(folder);
  if (!digest.ok) throw new Error(JSON.stringify(digest.error));
  await store.value.close();
}

type Half = { readonly files: number; readonly rows: ReadonlyMap<string, Cost> };

function print(halves: readonly Half[]): void {
  const [half, all] = halves;
  if (half === undefined || all === undefined) return;
  console.log(`${`${all.files} files in one folder`.padEnd(30)}   time     cpu    peak  per file`);
  for (const [what, { wallMs, cpuMs, peak }] of all.rows) {
    const perFile = (peak - (half.rows.get(what)?.peak ?? 0)) / (all.files - half.files);
    const figures = [
      `${(wallMs / 1000).toFixed(1)} s`.padStart(8),
      `${(cpuMs / 1000).toFixed(1)} s`.padStart(8),
      `${(peak / 2 ** 20).toFixed(0)} MB`.padStart(8),
      `${perFile.toFixed(0)} bytes`.padStart(12),
    ];
    console.log(what.padEnd(28) + figures.join(''));
  }
}

const [first, second, third] = process.argv.slice(2);
if (first === '--act') await act(second, third ?? '');
else main(first ?? '.', Number(second ?? 200_000));
