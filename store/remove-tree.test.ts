import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { removeFew } from './remove-tree.ts';

let parent: string;
let folder: string;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'sluice-remove-'));
  folder = join(parent, 'work');
  mkdirSync(folder);
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

test('little goes at once, and not what a link in it leads to', () => {
  const kept = join(parent, 'kept');
  mkdirSync(join(kept, 'below'), { recursive: true });
  mkdirSync(join(folder, 'in/deep'), { recursive: true });
  writeFileSync(join(folder, 'in/deep/x'), 'x', { mode: 0o444 });
  symlinkSync(kept, join(folder, 'link'));
  symlinkSync('nowhere', join(folder, 'broken'));
  expect(removeFew(folder)).toBe(true);
  expect(existsSync(folder)).toBe(false);
  expect(existsSync(join(kept, 'below'))).toBe(true);
});

test('many entries, or many bytes, are left to who can wait', () => {
  for (let index = 0; index < 100; index += 1) writeFileSync(join(folder, `${index}`), '');
  expect(removeFew(folder)).toBe(false);
  expect(existsSync(join(folder, '0'))).toBe(true);
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
  writeFileSync(join(folder, 'large'), Buffer.alloc(17 << 20));
  expect(removeFew(folder)).toBe(false);
  expect(existsSync(join(folder, 'large'))).toBe(true);
});

test('what is not there, or has a name that is no text, is left as well', () => {
  expect(removeFew(join(parent, 'nothing'))).toBe(false);
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff])]), '');
  expect(removeFew(folder)).toBe(false);
  expect(existsSync(folder)).toBe(true);
});
