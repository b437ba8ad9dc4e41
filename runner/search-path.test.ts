import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compareSighting, findFiles, resolveProgram } from './search-path.ts';

function inFolder(play: (folder: string) => void): void {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-tools-')));
  try {
    play(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const write = (path: string, content = '', mode = 0o755) => {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content, { mode });
};

test('a program is looked for on the search path alone, and a relative one is the step’s own', () => {
  expect(resolveProgram('sh', '/usr/bin:/bin')).toMatch(/^\/.*sh/);
  expect(resolveProgram('sh', '/nowhere')).toBeUndefined();
  expect(resolveProgram('./sh', '/bin')).toBeUndefined();
  expect(resolveProgram('/bin', '/')).toBeUndefined();
});

test('the first that may be executed is it; files of that name before it are found as well', () =>
  inFolder(folder => {
    mkdirSync(join(folder, 'folder/tool'), { recursive: true });
    write(join(folder, 'plain/tool'), '', 0o644);
    mkdirSync(join(folder, 'broken'));
    symlinkSync('tool', join(folder, 'broken/tool'));
    mkdirSync(join(folder, 'link'));
    symlinkSync('../real/thing', join(folder, 'link/tool'));
    for (const name of ['real/thing', 'last/tool']) write(join(folder, name));
    const searchPath = ['nowhere', 'folder', 'plain', 'broken', 'link', 'last']
      .map(name => join(folder, name))
      .join(':');
    expect(resolveProgram('tool', searchPath)).toBe(join(folder, 'real/thing'));
    expect(findFiles('tool', searchPath).map(({ path }) => path)).toEqual([
      join(folder, 'plain/tool'),
      join(folder, 'link/tool'),
    ]);
    chmodSync(join(folder, 'plain/tool'), 0o755);
    expect(resolveProgram('tool', searchPath)).toBe(join(folder, 'plain/tool'));
  }));

/** `bin/tool` leads through `current` to `v1/tool`; another lies in `v2`. */
function played(change: (folder: string) => void): string | undefined {
  let fate: string | undefined;
  inFolder(folder => {
    for (const version of ['v1', 'v2']) write(join(folder, version, 'tool'), version);
    symlinkSync('v1', join(folder, 'current'));
    mkdirSync(join(folder, 'bin'));
    symlinkSync('../current/tool', join(folder, 'bin/tool'));
    const [before] = findFiles('tool', join(folder, 'bin'));
    change(folder);
    fate = before && compareSighting(before);
  });
  return fate;
}

const repoint = (folder: string, link: string, target: string) => {
  symlinkSync(target, join(folder, 'fresh'));
  renameSync(join(folder, 'fresh'), join(folder, link));
};

test.each<[string, string, (folder: string) => void]>([
  ['same', 'nothing', () => {}],
  ['same', 'another file beside a link', folder => write(join(folder, 'bin/other'))],
  ['other', 'it is written to', folder => writeFileSync(join(folder, 'v1/tool'), 'v3')],
  ['other', 'it is gone', folder => rmSync(join(folder, 'v1/tool'))],
  [
    'other',
    'it is moved away and back',
    folder => {
      renameSync(join(folder, 'v1/tool'), join(folder, 'v1/old'));
      write(join(folder, 'v1/tool'), 'v3');
      renameSync(join(folder, 'v1/old'), join(folder, 'v1/tool'));
    },
  ],
  ['other', 'a link on the way leads elsewhere', folder => repoint(folder, 'current', 'v2')],
  [
    'other',
    'a link on the way leads elsewhere and back',
    folder => {
      repoint(folder, 'current', 'v2');
      repoint(folder, 'current', 'v1');
    },
  ],
  [
    'same',
    'a link on the way leads by another way to the same',
    folder => repoint(folder, 'current', './v1'),
  ],
  [
    'touched',
    'it gets another hard link, elsewhere',
    folder => linkSync(join(folder, 'v1/tool'), join(folder, 'kept')),
  ],
])('%s, when what happens is: %s', (fate, _, change) => {
  expect(played(change)).toBe(fate);
});
