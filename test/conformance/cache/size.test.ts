/** Sizes that are no exception in this field: many files, and one file that is large. */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { CacheProject } from './project.ts';

const GIB = 1024 ** 3;
const MEMORY = '/dev/shm';
const TIMEOUT_MS = 400_000;

beforeAll(() => {
  // What is tested is not the disk, and a disk that others use takes minutes for so many files.
  if (!existsSync(MEMORY)) return;
  const { bavail, bsize } = statfsSync(MEMORY);
  if (bavail * bsize > 4 * GIB) process.env['TMPDIR'] = MEMORY;
});

test('of 100,000 files in a folder each one counts, by name and content', {
  timeout: TIMEOUT_MS,
}, async () => {
  using project = new CacheProject({});
  const file = (index: number) => project.files.path('data', String(index));
  mkdirSync(project.files.path('data'));
  for (let index = 0; index < 100_000; index += 1) writeFileSync(file(index), `${index % 7}`);
  const run = `${project.mark('a')}; ls \${{ in.x }} | wc -l > \${{ out.y }}`;
  const out = { y: { type: 'file', to: 'count.txt' } };
  project.pipeline({ steps: { a: { run, in: { x: './data' }, out } } });
  expect((await project.run()).executed).toEqual(['a']);
  expect(project.files.read('count.txt').trim()).toBe('100000');
  expect((await project.run()).executed).toEqual([]);

  // What would happen is enough to know here: a run copies all the files again.
  const answer = async () => {
    const { stdout } = await project.files.sluice(['plan', '--json']);
    return JSON.parse(stdout).forecasts[0].answer.kind;
  };
  writeFileSync(file(77_777), 'x');
  expect(await answer()).toBe('execute');
  writeFileSync(file(77_777), `${77_777 % 7}`);
  expect(await answer()).toBe('up-to-date');
  renameSync(file(99_999), file(100_001));
  expect(await answer()).toBe('execute');
});

test('a sparse file of 5 GB stays sparse in the store, and comes back whole', {
  timeout: TIMEOUT_MS,
}, async () => {
  using project = new CacheProject({});
  const end = 'dd of=${{ out.y }} bs=1 seek=5368709119 conv=notrunc status=none';
  const run = `${project.mark('a')}; truncate -s 5G \${{ out.y }}; printf x | ${end}`;
  const out = { y: { type: 'file', to: 'large.bin' } };
  project.pipeline({ steps: { a: { run, out } } });
  expect(await project.run()).toMatchObject({ code: 0, executed: ['a'] });
  const path = project.files.path('large.bin');
  expect(statSync(path).size).toBe(5 * GIB);
  const kib = execFileSync('du', ['-sk', project.files.root]).toString().split('\t')[0];
  expect(Number(kib)).toBeLessThan(100_000);

  rmSync(path);
  expect((await project.run()).outcomes).toEqual({ a: 'restored' });
  expect(execFileSync('tail', ['-c', '1', path]).toString()).toBe('x');
});
