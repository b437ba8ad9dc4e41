/**
 * What the container executor costs over the engine itself: one step at a time, eight at once, and
 * 100 MB of output. `node bench/docker.ts [rounds]` prints a table; nothing is asserted. Needs an
 * engine (DOCKER_HOST) and the image of the step library (`sluice images --offline`).
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { dockerExecutor } from '../runner/executors/docker/docker.ts';
import { connectEngine } from '../runner/executors/docker/engine.ts';
import { openImages } from '../runner/executors/docker/images.ts';
import { processExecutor } from '../runner/executors/process.ts';
import { stepId } from '../schema/id.ts';

const IMAGE = 'localhost/sluice/steps:1';
const NOTHING = ['node', '-e', '0'] as const;
const MUCH = [
  'node',
  '-e',
  "const b = Buffer.alloc(1e6, 'x'); for (let n = 0; n < 100; n += 1) require('fs').writeSync(1, b)",
] as const;
const AT_ONCE = 8;

type Words = readonly [string, ...string[]];

const rounds = Number(process.argv[2] ?? 15);
const env = process.env;
const engine = connectEngine(env);
const workdir = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
const images = openImages({ engine, env, project: workdir, pins: {}, pinsPath: undefined });
const executor = dockerExecutor({ engine, images, local: processExecutor() });

let most = 0;

async function step(command: Words): Promise<void> {
  const end = await executor.execute(
    {
      step: stepId('measured'),
      command,
      workdir,
      env: {},
      resources: {
        cpus: 1,
        memoryBytes: null,
        gpus: 0,
        gpuMemoryBytes: null,
        shmBytes: null,
        diskBytes: null,
      },
      timeoutMs: null,
      container: { image: IMAGE, build: null, user: null, entrypoint: null, network: 'none' },
      onOutput: () => {
        most = Math.max(most, process.memoryUsage().rss);
      },
    },
    new AbortController().signal,
  );
  if (end.kind !== 'exited' || end.code !== 0) throw new Error(JSON.stringify(end));
}

/** The same by hand. */
const bare = (command: Words): Promise<void> =>
  new Promise((resolve, reject) => {
    const words = ['run', '--rm', '--init', '--network', 'none', IMAGE, ...command];
    const child = spawn('docker', words, { stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.resume();
    child.once('close', code =>
      code === 0 ? resolve() : reject(new Error(`docker run: ${code}`)),
    );
  });

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

const median = (times: readonly number[]): number =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;

/** Taken in turns, so that what else the machine does falls on both. */
async function compare(what: string, count: number, make: (run: typeof step) => Promise<unknown>) {
  const times: { readonly ours: number[]; readonly theirs: number[] } = { ours: [], theirs: [] };
  for (let round = 0; round < count; round += 1) {
    times.ours.push(await timed(() => make(step)));
    times.theirs.push(await timed(() => make(bare)));
  }
  const [ours, theirs] = [median(times.ours), median(times.theirs)];
  const row = [what, ours, theirs, ours - theirs].map((cell, n) =>
    typeof cell === 'number' ? `${cell.toFixed(0)} ms`.padStart(12) : String(cell).padEnd(n + 28),
  );
  console.info(row.join(''));
}

try {
  console.info(`${cpus().length} cores, ${rounds} rounds, medians`);
  console.info(
    ''.padEnd(28) + ['sluice', 'docker run', 'difference'].map(text => text.padStart(12)).join(''),
  );
  await step(NOTHING);
  await compare('a step that does nothing', rounds, run => run(NOTHING));
  await compare(`${AT_ONCE} at once`, Math.ceil(rounds / 3), run =>
    Promise.all(Array.from({ length: AT_ONCE }, () => run(NOTHING))),
  );
  const before = process.memoryUsage().rss;
  most = before;
  await compare('100 MB of output', Math.ceil(rounds / 5), run => run(MUCH));
  console.info(`memory grew by ${((most - before) / 1e6).toFixed(0)} MB at most`);
} finally {
  rmSync(workdir, { recursive: true, force: true });
}
