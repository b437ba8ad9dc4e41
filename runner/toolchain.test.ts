import { expect, test } from 'vitest';
import { resolveProgram, shellPrograms } from './toolchain.ts';

test.each<[string, readonly string[]]>([
  ['python src/train.py', ['python']],
  ['  python3.12 -m x', ['python3.12']],
  ['SEED=1 LOG="a b" python x.py', ['python']],
  ['./run.sh; echo', ['./run.sh', 'echo']],
  ['/usr/bin/env', ['/usr/bin/env']],
  ['cat<in', ['cat']],
  ['cat in | sort -u > out && wc -l out', ['cat', 'sort', 'wc']],
  ['set -e\ntrue\ngreet > out', ['set', 'true', 'greet']],
  ['if ! test -e x; then greet; else LANG=C wave; fi', ['test', 'greet', 'wave', 'fi']],
  ['for x in 1 2; do greet $x; done', ['for', 'greet', 'done']],
  ['echo $(greet) `wave`', ['echo', 'greet', 'wave']],
  ['exec greet', ['greet']],
  ['cat a; cat b', ['cat']],
  ['"my tool" x', []],
  ['', []],
])('the programs of %j are %j', (text, words) => {
  expect(shellPrograms(text)).toEqual(words);
});

test('a program is looked for on the search path alone, and a relative one is the step’s own', () => {
  expect(resolveProgram('sh', '/usr/bin:/bin')).toMatch(/^\/.*sh/);
  expect(resolveProgram('sh', '/nowhere')).toBeUndefined();
  expect(resolveProgram('./sh', '/bin')).toBeUndefined();
  expect(resolveProgram('/bin', '/')).toBeUndefined();
});
