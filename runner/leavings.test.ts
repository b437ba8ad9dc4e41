import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Leavings } from './leavings.ts';
import { planOf } from './testing/plan-of.ts';
import { playing } from './testing/playing.ts';
import { TempProject } from './testing/temp-project.ts';

let parent: string;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'sluice-leavings-'));
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

function folderOf(name: string, files: readonly string[] = ['in/x', 'out/y']): string {
  const folder = join(parent, name);
  for (const file of files) {
    mkdirSync(join(folder, file, '..'), { recursive: true });
    writeFileSync(join(folder, file), 'x');
  }
  return folder;
}

test('what is little may lie, what is much goes at once', async () => {
  const leavings = new Leavings();
  const little = folderOf('little');
  const many = folderOf(
    'many',
    Array.from({ length: 100 }, (_, index) => `out/${index}`),
  );
  const large = folderOf('large');
  writeFileSync(join(large, 'out/large'), Buffer.alloc(2 << 20));
  for (const folder of [little, many, large]) await leavings.take(folder);
  expect([little, many, large].map(folder => existsSync(folder))).toEqual([true, false, false]);
});

test('much of what is little is no longer little', async () => {
  const leavings = new Leavings({ entries: 11, bytes: 100 });
  const folders = ['a', 'b', 'c'].map(name => folderOf(name)); // Five entries each.
  for (const folder of folders) await leavings.take(folder);
  expect(folders.map(folder => existsSync(folder))).toEqual([true, true, false]);
  const bytes = new Leavings({ entries: 1_000, bytes: 3 });
  const [d, e] = [folderOf('d'), folderOf('e')];
  for (const folder of [d, e]) await bytes.take(folder);
  expect([existsSync(d), existsSync(e)]).toEqual([true, false]);
});

test('what a link leads to is neither counted nor removed', async () => {
  const kept = folderOf('kept');
  const folder = folderOf('folder');
  symlinkSync(kept, join(folder, 'link'));
  await new Leavings({ entries: 6, bytes: 100 }).take(folder);
  expect(existsSync(folder)).toBe(true);
  await new Leavings({ entries: 5, bytes: 100 }).take(folder);
  expect([existsSync(folder), existsSync(join(kept, 'in/x'))]).toEqual([false, true]);
});

test('a run that has ended leaves no working directory', async () => {
  await using project = TempProject.create({ 'raw.csv': 'v1' });
  const plan = planOf({ s: { in: { raw: './raw.csv' }, out: { data: 'file' } } });
  const run = await project.start(plan, playing({ s: { 'out/data': '1' } }));
  expect(await run.outcomes()).toEqual({ s: 'succeeded' });
  expect(existsSync(join(project.home, 'work', run.run))).toBe(false);
});
