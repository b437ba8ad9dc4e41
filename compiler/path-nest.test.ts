import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nestOf } from './path-nest.ts';

test.each([
  ['a/b', ['a', 'b'], 'a'],
  ['a/b/c', ['a', 'a/b', 'a/b/c'], 'a/b'],
  ['ab', ['a'], undefined],
  ['a', ['a'], undefined],
  ['a', ['a/b'], undefined],
  // `-` and `.` sort before `/`, so these come between the two.
  ['a/b', ['a', 'a-b', 'a.b', 'a-b/c'], 'a'],
  ['a', [''], ''],
  ['', [''], undefined],
])('%s lies, of %j, nearest in %s', (path, paths, folder) => {
  expect(nestOf(paths)(path)).toBe(folder);
});

test('it is the nearest folder of a path that is among the others, whatever they are called', () => {
  const name = fc.constantFrom('a', 'b', 'ab', 'a-', '-', '.', '0', 'é', '😀', '\uffff');
  const path = fc.array(name, { maxLength: 6 }).map(names => names.join('/'));
  fc.assert(
    fc.property(fc.array(path, { maxLength: 40 }), path, (paths, asked) => {
      const nest = nestOf(paths);
      for (const one of [asked, ...paths]) expect(nest(one)).toBe(lookedUp(one, new Set(paths)));
    }),
    { numRuns: 2_000 },
  );
});

/** The same, told by looking at every folder of the path. */
function lookedUp(path: string, paths: ReadonlySet<string>): string | undefined {
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
    if (paths.has(path.slice(0, at))) return path.slice(0, at);
  }
  return path !== '' && paths.has('') ? '' : undefined;
}
