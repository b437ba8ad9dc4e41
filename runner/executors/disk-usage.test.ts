import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fileTime, writtenBytes } from './disk-usage.ts';

const MIB = 1024 ** 2;
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-disk-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (path: string) => writeFileSync(join(folder, path), Buffer.alloc(MIB, 'x'));

test('what lies there already does not count, what is written does', async () => {
  mkdirSync(join(folder, 'in'));
  write('in/old');
  const since = fileTime(folder);
  expect(await writtenBytes([folder], since)).toBe(0);
  mkdirSync(join(folder, 'out/deep'), { recursive: true });
  do write('out/deep/new');
  while (statSync(join(folder, 'out/deep/new')).ctimeMs <= since);
  expect(await writtenBytes([folder], since)).toBeGreaterThanOrEqual(MIB);
});

test('a file with two names counts once, and a link not at all', async () => {
  write('file');
  linkSync(join(folder, 'file'), join(folder, 'again'));
  symlinkSync('/usr', join(folder, 'elsewhere'));
  const bytes = await writtenBytes([folder], 0);
  expect(bytes).toBeGreaterThanOrEqual(MIB);
  expect(bytes).toBeLessThan(2 * MIB);
});

test('holes take no room', async () => {
  writeFileSync(join(folder, 'sparse'), '');
  truncateSync(join(folder, 'sparse'), 1_000 * MIB);
  expect(await writtenBytes([folder], 0)).toBeLessThan(MIB);
});

test('a folder that is gone holds nothing', async () => {
  expect(await writtenBytes([join(folder, 'gone')], 0)).toBe(0);
});
