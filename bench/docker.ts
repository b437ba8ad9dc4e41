/**
 * What the container executor costs over the engine itself: one step at a time, in a container of its
 * own and in a warm one, eight at once, and 100 MB of output. `node bench/docker.ts [rounds]` prints
 * a table; nothing is asserted. Needs an engine (DOCKER_HOST) and the image of the step library
 * (`sluice images --offline`).
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { dockerExecutor } from '../runner/executors/docker/docker.ts';
import { connectEngine } from '../runner/executors/docker/engine.ts';
import { openImages } from '../runner/executors/docker/images.ts';
import { WarmPool } from '../runner/executors/docker/warm/warm-pool.ts';
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
const CONTAINER = {
  image: IMAGE,
  build: null,
  user: null,
  entrypoint: null,
  network: 'none',
} as const;
const RESOURCES = {
  cpus: 1,
  memoryBytes: null,
  gpus: 0,
  gpuMemoryBytes: null,
  shmBytes: null,
  diskBytes: null,
} as const;

type Words = readonly [string, ...string[]];

const rounds = Number(process.argv[2] ?? 15);
const env = process.env;
const engine = connectEngine(env);
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
const images = openImages({ engine, env, project: folder, pins: {}, pinsPath: undefined });
const local = processExecutor();
const rest = { path: join(folder, 'rest'), name: 'bench', release: () => undefined };
const pool = new WarmPool({ engine, hold: async () => rest });
const executors = {
  cold: dockerExecutor({ engine, images, local }),
  warm: dockerExecutor({ engine, images, local, warm: pool }),
};

let most = 0;
let made = 0;
/** Working directories that have ended and are not given back yet. */
const used: (() => Promise<void> | undefined)[] = [];

const step = (command: Words) => stepIn('cold', command);

/** Up to its end as the runner is told it. */
async function stepIn(kind: keyof typeof executors, command: Words): Promise<void> {
  made += 1;
  const workdir = join(folder, String(made));
  const executor = executors[kind];
  await executor.reserve?.({ workdir, container: CONTAINER, resources: RESOURCES });
  mkdirSync(workdir, { recursive: true });
  used.push(() => executor.release?.(workdir));
  const end = await executor.execute(
    {
      step: stepId('measured'),
      command,
      workdir,
      env: {},
      labels: { key: 'measured' },
      resources: RESOURCES,
      timeoutMs: null,
      container: CONTAINER,
      onOutput: () => {
        most = Math.max(most, process.memoryUsage().rss);
      },
    },
    new AbortController().signal,
  );
  if (end.kind !== 'exited' || end.code !== 0) throw new Error(JSON.stringify(end));
}

/** What is left of them goes. */
async function settle(): Promise<void> {
  await Promise.all(used.splice(0).map(release => release()));
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

type Make = (run: typeof step) => Promise<unknown>;

/** Taken in turns, so that what else the machine does falls on both. */
async function compare(what: string, count: number, make: Make, ours: typeof step = step) {
  const times: { readonly ours: number[]; readonly theirs: number[] } = { ours: [], theirs: [] };
  for (let round = 0; round < count; round += 1) {
    times.ours.push(await timed(() => make(ours)));
    await settle();
    times.theirs.push(await timed(() => make(bare)));
  }
  const [mine, theirs] = [median(times.ours), median(times.theirs)];
  const cells = [mine, theirs, mine - theirs].map(ms => `${ms.toFixed(0)} ms`.padStart(12));
  console.info([what.padEnd(34), ...cells, (mine / theirs).toFixed(2).padStart(8)].join(''));
}

try {
  console.info(`${cpus().length} cores, ${rounds} rounds, medians`);
  const heads = ['sluice', 'docker run', 'difference'].map(text => text.padStart(12));
  console.info([''.padEnd(34), ...heads, 'ratio'.padStart(8)].join(''));
  await step(NOTHING);
  await settle();
  await compare('a step that does nothing', rounds, run => run(NOTHING));
  await compare(
    '  until its container is gone',
    rounds,
    run => run(NOTHING),
    async command => {
      await step(command);
      await settle();
    },
  );
  await stepIn('warm', NOTHING);
  await settle();
  await compare(
    '  in a warm container',
    rounds,
    run => run(NOTHING),
    command => stepIn('warm', command),
  );
  await compare(`${AT_ONCE} at once, until all are gone`, Math.ceil(rounds / 3), run =>
    Promise.all(Array.from({ length: AT_ONCE }, () => run(NOTHING))).then(settle),
  );
  const before = process.memoryUsage().rss;
  most = before;
  await compare('100 MB of output', Math.ceil(rounds / 5), run => run(MUCH));
  console.info(`memory grew by ${((most - before) / 1e6).toFixed(0)} MB at most`);
} finally {
  await pool.close();
  rmSync(folder, { recursive: true, force: true });
}
