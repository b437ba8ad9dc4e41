import fc from 'fast-check';
import { expect, test } from 'vitest';
import { leftOut, namesLeftOut } from './broken.ts';

const name = fc.constantFrom('a', 'ab', 'b', '__proto__');
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map(names => names.join('.'));

test('what is left out at or below a path is found, as by looking through all of it', () => {
  fc.assert(
    fc.property(fc.uniqueArray(path), path, (paths, asked) => {
      const below = paths.filter(one => one.startsWith(`${asked}.`));
      const broken = new Set(paths);
      expect(leftOut(broken, asked)).toBe(paths.includes(asked) || below.length > 0);
      const names = new Set(below.map(one => one.slice(asked.length + 1).split('.')[0]));
      expect(new Set(namesLeftOut(broken, asked))).toEqual(names);
    }),
  );
});

test('what is left out later counts as well', () => {
  const broken = new Set(['a.b']);
  expect(leftOut(broken, 'c')).toBe(false);
  broken.add('c.d');
  expect(leftOut(broken, 'c')).toBe(true);
});
