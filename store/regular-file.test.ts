import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readRegularText } from './regular-file.ts';
import { removeTree } from './remove-tree.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-regular-'));
afterAll(() => removeTree(folder));
const at = (name: string): string => join(folder, name);

writeFileSync(at('file'), 'text');
symlinkSync('file', at('link'));

test('a file is read, also through a link', () => {
  expect(readRegularText(at('file'))).toBe('text');
  expect(readRegularText(at('link'))).toBe('text');
});

test('a link that may not be followed is not there', () => {
  expect(readRegularText(at('link'), { followLink: false })).toBeUndefined();
});

test.each<[string, (path: string) => void]>([
  ['nothing', () => undefined],
  ['a folder', path => mkdirSync(path)],
  ['a pipe', path => execFileSync('mkfifo', [path])],
  ['a link to a device', path => symlinkSync('/dev/zero', path)],
  ['a link to itself', path => symlinkSync(path, path)],
  [
    'a file that does not fit into memory',
    path => {
      writeFileSync(path, '');
      truncateSync(path, 2 ** 40);
    },
  ],
])('%s is not there, and nobody waits for it', (name, make) => {
  make(at(name));
  expect(readRegularText(at(name))).toBeUndefined();
});
