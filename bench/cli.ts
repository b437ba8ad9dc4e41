/**
 * What a user waits for, through the real launcher: start-up, compile, the digits demo and its
 * second run, and a no-op run of many steps. `node bench/cli.ts` prints a table; nothing is asserted.
 * `node bench/cli.ts 10000` has so many steps as well, which takes minutes. `npm run build` first, or
 * the sources are started instead.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childrenCpuMs } from './processor-time.ts';

const REPOSITORY = dirname(dirname(fileURLToPath(import.meta.url)));
const SLUICE = join(REPOSITORY, 'sluice');

type Row = {
  readonly what: string;
  readonly target: string;
  readonly times: readonly number[];
  /** Milliseconds of processor time for one, on average: what a busy machine does not stretch. */
  readonly cpu: number | undefined;
};

function measure(
  what: string,
  target: string,
  args: readonly string[],
  cwd: string,
  rounds: number,
): Row {
  const before = childrenCpuMs();
  const times = Array.from({ length: rounds }, () => timed(args, cwd));
  const after = childrenCpuMs();
  const cpu = before === undefined || after === undefined ? undefined : (after - before) / rounds;
  return { what, target, times, cpu };
}

function timed(args: readonly string[], cwd: string, program = SLUICE): number {
  const start = performance.now();
  const options = { cwd, encoding: 'utf8', maxBuffer: 1 << 28 } as const;
  const { status, stderr, stdout } = spawnSync(program, args, options);
  const took = performance.now() - start;
  if (status !== 0)
    throw new Error(`sluice ${args.join(' ')} exited ${status}\n${stdout}${stderr}`);
  return took;
}

const median = (times: readonly number[]): number =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;

/** What a no-op run of so many steps may take. */
const NO_OP_MS: Readonly<Record<number, string>> = { 100: '150', 1000: '500', 10000: '4000' };

/** A row of `count` steps, each reading and writing one small file. */
function manySteps(folder: string, count: number): void {
  mkdirSync(join(folder, 'pipelines'), { recursive: true });
  mkdirSync(join(folder, 'data'), { recursive: true });
  if (count > 1_000) writeFileSync(join(folder, 'sluice.yaml'), 'limits: { file: 64MiB }\n');
  const steps = Array.from({ length: count }, (_, index) => {
    writeFileSync(join(folder, `data/${index}.txt`), `${index}\n`);
    return `  s${index}:\n    run: cp \${{ in.x }} \${{ out.y }}\n    in: { x: ./data/${index}.txt }\n    out: { y: file }\n`;
  });
  writeFileSync(
    join(folder, 'pipelines/many.yaml'),
    `sluice: 1\nname: many\nsteps:\n${steps.join('')}`,
  );
}

const scratch = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
try {
  const digits = join(scratch, 'digits');
  mkdirSync(digits);
  timed(['init', '--from', 'digits'], digits);
  const rows: Row[] = [
    measure('sluice --version', '60', ['--version'], digits, 15),
    measure('check digits (8 steps)', '130', ['check', 'digits'], digits, 15),
    measure('first run of digits (8 steps executed)', '', ['run', 'digits'], digits, 1),
    measure('second run of digits (nothing to do)', '250', ['run', 'digits'], digits, 15),
    measure('plan digits', '130', ['plan', 'digits'], digits, 9),
  ];
  for (const count of [100, 1000, ...process.argv.slice(2).map(Number)]) {
    const many = join(scratch, `many-${count}`);
    manySteps(many, count);
    const first = measure(`first run of ${count} trivial steps`, '', ['run'], many, 1);
    rows.push(
      first,
      measure(`no-op run of ${count} steps`, NO_OP_MS[count] ?? '', ['run'], many, 5),
      measure(`check of ${count} steps, known`, '', ['check'], many, 5),
    );
  }
  const node = Array.from({ length: 15 }, () => timed(['-e', ''], digits, process.execPath));
  console.info(
    `${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}; milliseconds: median, processor time (mean). Node alone starts in ${median(node).toFixed(0)}\n`,
  );
  for (const { what, target, times, cpu } of rows) {
    const used = cpu === undefined ? '' : cpu.toFixed(0);
    const figures = `${median(times).toFixed(0).padStart(8)}${used.padStart(8)}  ${target === '' ? '' : `target < ${target}`}`;
    console.info(`${what.padEnd(42)}${figures}`);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
