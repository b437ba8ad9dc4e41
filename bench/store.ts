/**
 * How fast the store is, beside what the machine can do at best: `node bench/store.ts [folder
 * [files]]`, by default 100,000 files. Works in a folder of its own, by default below the current
 * one, because the file system matters. What a large folder takes of memory: large-folder.ts.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Artifact } from '../schema/trace.ts';
import { openLocalStore } from '../store/local.ts';
import { removeTree } from '../store/remove-tree.ts';
import type { Result, Store } from '../store/store.ts';

type Row = {
  readonly what: string;
  readonly ms: number;
  /** The least that this could take: the system calls or the hash alone. */
  readonly floor: readonly [what: string, ms: number] | undefined;
};

const LARGE_BYTES = 1 << 30;
const OPENSSL = 'openssl';

async function main(): Promise<void> {
  const folder = mkdtempSync(join(process.argv[2] ?? '.', '.bench-store-'));
  try {
    print([
      ...(await manyFiles(folder, Number(process.argv[3] ?? 100_000))),
      ...(await storingFiles(folder, 10_000)),
      ...(await largeFile(folder)),
      ...(await largeFiles(folder)),
    ]);
  } finally {
    removeTree(folder);
  }
}

/** A folder that was read before and has not changed: what a no-op run does with its inputs. */
async function manyFiles(folder: string, count: number): Promise<readonly Row[]> {
  const path = join(folder, 'many');
  makeFiles(path, count);
  const root = join(folder, 'many-store');
  const cold = await opened(root, store => time(() => store.digest(path)));
  const warm = () => opened(root, store => time(() => store.digest(path)));
  const stats = await time(async () => walk(path, file => lstatSync(file, { bigint: true })));
  const reads = await time(async () => walk(path, file => readFileSync(file)));
  const again = await best(warm);
  writeFileSync(join(path, '7', 'f7'), 'changed');
  return [
    { what: `digest ${count} files, never seen`, ms: cold, floor: ['readdir + read', reads] },
    { what: `digest ${count} files, unchanged`, ms: again, floor: ['readdir + lstat', stats] },
    {
      what: `digest ${count} files, one changed`,
      ms: await warm(),
      floor: ['readdir + lstat', stats],
    },
  ];
}

async function storingFiles(folder: string, count: number): Promise<readonly Row[]> {
  const path = join(folder, 'outputs');
  makeFiles(path, count);
  return opened(join(folder, 'put-store'), async store => {
    let artifact: Artifact | undefined;
    const first = await time(async () => {
      artifact = value(await store.put(path));
    });
    const second = await time(() => store.put(path));
    if (artifact === undefined) throw new Error('nothing was put');
    const stored = artifact;
    const has = await best(() => time(() => store.has(stored)));
    const restore = await time(() =>
      store.materialise(stored, join(folder, 'restored'), { readOnly: false }),
    );
    const serial = await time(async () => writeOneByOne(join(folder, 'serial'), count));
    return [
      { what: `put ${count} files, durable`, ms: first, floor: ['write + fsync each', serial] },
      { what: `put ${count} files, known`, ms: second, floor: undefined },
      { what: `has ${count} files`, ms: has, floor: undefined },
      { what: `materialise ${count} files`, ms: restore, floor: undefined },
    ];
  });
}

async function largeFile(folder: string): Promise<readonly Row[]> {
  const path = join(folder, 'large');
  const chunk = Buffer.alloc(1 << 20, 'some bytes that are not zero');
  const written = await time(async () => writeLarge(path, chunk));
  return opened(join(folder, 'large-store'), async store => {
    const floor = ['node:crypto', await best(async () => hashInMemory(chunk))] as const;
    const openssl = ['openssl speed', opensslMs()] as const;
    const hash = await best(() => {
      // Touched, so that the stat cache does not answer.
      const now = new Date();
      utimesSync(path, now, now);
      return time(() => store.digest(path));
    });
    let artifact: Artifact | undefined;
    const put = await time(async () => {
      artifact = value(await store.put(path));
    });
    if (artifact === undefined) throw new Error('nothing was put');
    const stored = artifact;
    const restore = await time(() =>
      store.materialise(stored, join(folder, 'large-restored'), { readOnly: true }),
    );
    return [
      { what: 'digest 1 GiB', ms: hash, floor },
      { what: 'digest 1 GiB', ms: hash, floor: openssl },
      { what: 'put 1 GiB, durable', ms: put, floor: ['write + fsync', written] },
      { what: 'materialise 1 GiB, verified', ms: restore, floor },
    ];
  });
}

/** As many as keep all processors busy; the same bytes, which the system holds in memory. */
async function largeFiles(folder: string): Promise<readonly Row[]> {
  const path = join(folder, 'large-files');
  mkdirSync(path);
  const count = 2 * availableParallelism();
  for (let index = 0; index < count; index++) {
    linkSync(join(folder, 'large'), join(path, String(index)));
  }
  const before = process.cpuUsage();
  const ms = await opened(join(folder, 'large-files-store'), store =>
    time(() => store.digest(path)),
  );
  const { user, system } = process.cpuUsage(before);
  const openssl = opensslMs() * count;
  return [
    {
      what: `digest ${count} × 1 GiB`,
      ms,
      floor: [`openssl on ${availableParallelism()} cores`, openssl / availableParallelism()],
    },
    {
      what: `digest ${count} × 1 GiB, processor time`,
      ms: (user + system) / 1000,
      floor: ['openssl on one core', openssl],
    },
  ];
}

function makeFiles(path: string, count: number): void {
  for (let index = 0; index < count; index++) {
    const sub = join(path, String(index % 100));
    if (index < 100) mkdirSync(sub, { recursive: true });
    const file = join(sub, `f${index}`);
    writeFileSync(file, `content of ${index}`);
  }
  // ctime cannot be set back: wait until it lies outside the time in which it is not trusted.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_100);
}

function walk(path: string, visit: (file: string) => unknown): void {
  for (const sub of readdirSync(path)) {
    for (const name of readdirSync(join(path, sub))) visit(`${path}/${sub}/${name}`);
  }
}

function writeOneByOne(path: string, count: number): void {
  mkdirSync(path);
  for (let index = 0; index < count; index++) {
    const fd = openSync(`${path}/${index}`, 'wx');
    writeSync(fd, `content of ${index}`);
    fsyncSync(fd);
    closeSync(fd);
  }
}

function writeLarge(path: string, chunk: Buffer): void {
  const fd = openSync(path, 'wx');
  for (let done = 0; done < LARGE_BYTES; done += chunk.byteLength) writeSync(fd, chunk);
  fsyncSync(fd);
  closeSync(fd);
}

function hashInMemory(chunk: Buffer): number {
  const start = performance.now();
  const hash = createHash('sha256');
  for (let done = 0; done < LARGE_BYTES; done += chunk.byteLength) hash.update(chunk);
  hash.digest();
  return performance.now() - start;
}

/** Milliseconds for a gibibyte; NaN without openssl. */
function opensslMs(): number {
  const { stdout } = spawnSync(OPENSSL, ['speed', '-seconds', '1', '-bytes', '1048576', 'sha256'], {
    encoding: 'utf8',
  });
  const thousandsPerSecond = Number(/^sha256\s+([\d.]+)k/m.exec(stdout ?? '')?.[1]);
  return LARGE_BYTES / thousandsPerSecond;
}

async function opened<T>(root: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = value(await openLocalStore({ root }));
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

async function time(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function best(measure: () => Promise<number>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round++) least = Math.min(least, await measure());
  return least;
}

function value<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(JSON.stringify(result.error));
}

function print(rows: readonly Row[]): void {
  const ms = (time: number) => `${time.toFixed(0)} ms`.padStart(9);
  for (const { what, ms: taken, floor } of rows) {
    const beside =
      floor === undefined ? '' : `${ms(floor[1])}  ${floor[0]} (×${(taken / floor[1]).toFixed(1)})`;
    console.log(`${what.padEnd(36)}${ms(taken)}   ${beside}`);
  }
}

await main();
