import { expect, test } from 'vitest';
import { firstShellWord, resolveProgram } from './toolchain.ts';

test.each([
  ['python src/train.py', 'python'],
  ['  python3.12 -m x', 'python3.12'],
  ['SEED=1 LOG="a b" python x.py', 'python'],
  ['./run.sh; echo', './run.sh'],
  ['/usr/bin/env', '/usr/bin/env'],
  ['cat<in', 'cat'],
  ['$(which python) x', undefined],
  ['"my tool" x', undefined],
  ['', undefined],
])('the program of %j is %j', (text, word) => {
  expect(firstShellWord(text)).toBe(word);
});

test('a program is looked for on the search path alone, and a relative one is the step’s own', () => {
  expect(resolveProgram('sh', '/usr/bin:/bin')).toMatch(/^\/.*sh/);
  expect(resolveProgram('sh', '/nowhere')).toBeUndefined();
  expect(resolveProgram('./sh', '/bin')).toBeUndefined();
  expect(resolveProgram('/bin', '/')).toBeUndefined();
});
