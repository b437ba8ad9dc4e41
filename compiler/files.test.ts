import fc from 'fast-check';
import { expect, test } from 'vitest';
import { projectPath } from './files.ts';

test.each([
  ['a', 'a'],
  ['./a/../b', 'b'],
  ['a//b/', 'a/b'],
  ['a/./b', 'a/b'],
  ['.a/..b/...', '.a/..b/...'],
  ['.', ''],
  ['', ''],
  ['..', undefined],
  ['a/../..', undefined],
  ['/a', undefined],
  ['C:/a', undefined],
  ['C:\\a', undefined],
  ['C:a', 'C:a'],
])('%s is %s in the project', (written, path) => {
  expect(projectPath(written)).toBe(path);
});

test('a path of the project is its parts joined, none of which is empty or a dot', () => {
  const part = fc.constantFrom('', '.', '..', '...', 'a', '.a', 'a.', 'x y', '\n');
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), parts => {
      const path = projectPath(parts.join('/'));
      if (path === undefined || path === '') return;
      for (const name of path.split('/')) expect(['', '.', '..']).not.toContain(name);
      // What it is, it stays.
      expect(projectPath(path)).toBe(path);
    }),
    { numRuns: 2_000 },
  );
});
