import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

test('the first that may be executed counts, and is known by where it really lies', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-tools-')));
  try {
    for (const name of ['folder', 'plain', 'broken', 'link', 'last', 'real']) {
      mkdirSync(join(folder, name));
    }
    mkdirSync(join(folder, 'folder/tool'));
    writeFileSync(join(folder, 'plain/tool'), '', { mode: 0o644 });
    symlinkSync('tool', join(folder, 'broken/tool'));
    symlinkSync('../real/thing', join(folder, 'link/tool'));
    for (const name of ['real/thing', 'last/tool']) {
      writeFileSync(join(folder, name), '', { mode: 0o755 });
    }
    const searchPath = ['nowhere', 'folder', 'plain', 'broken', 'link', 'last']
      .map(name => join(folder, name))
      .join(':');
    expect(resolveProgram('tool', searchPath)).toBe(join(folder, 'real/thing'));
    chmodSync(join(folder, 'plain/tool'), 0o755);
    expect(resolveProgram('tool', searchPath)).toBe(join(folder, 'plain/tool'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
