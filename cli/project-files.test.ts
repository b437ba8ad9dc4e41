import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { nodeProjectFiles } from './project-files.ts';

const base = mkdtempSync(join(tmpdir(), 'sluice-files-'));
const root = join(base, 'project');
for (const folder of ['src/deep', '.git', 'node_modules/x', 'empty', '.sluice']) {
  mkdirSync(join(root, folder), { recursive: true });
}
for (const file of [
  'src/a.py',
  'src/b.py',
  'src/deep/c.py',
  'src/.hidden.py',
  'src/[x].py',
  '.git/d.py',
  '.sluice/e.py',
  'node_modules/x/f.py',
]) {
  writeFileSync(join(root, file), file);
}
writeFileSync(join(base, 'outside.txt'), 'secret');
symlinkSync(join(base, 'outside.txt'), join(root, 'leaves'));
symlinkSync('src/a.py', join(root, 'inside'));
symlinkSync('loop', join(root, 'loop'));
symlinkSync('..', join(root, 'src/deep/up'));
symlinkSync('/etc', join(root, 'src/etc'));
execFileSync('mkfifo', [join(root, 'pipe')]);
mkdirSync(join(base, 'library/train'), { recursive: true });
writeFileSync(join(base, 'library/train/step.yaml'), 'step: train');
mkdirSync(join(base, 'library/sdk'));

const files = nodeProjectFiles({ root, library: join(base, 'library') });

afterAll(() => rmSync(base, { recursive: true }));

test.each([
  ['src/a.py', 'file'],
  ['src', 'dir'],
  ['', 'dir'],
  ['inside', 'file'],
  ['nothing', 'absent'],
  ['src/a.py/below', 'absent'],
  ['leaves', 'outside'],
  ['../outside.txt', 'outside'],
  ['loop', 'other'],
  ['pipe', 'other'],
  ['nul\0', 'absent'],
])('%j is %s', (path, kind) => {
  expect(files.kind(path)).toBe(kind);
});

test.each([
  ['src/a.py', 'src/a.py'],
  ['inside', 'src/a.py'],
  ['src/deep/up/new/file', 'src/new/file'],
  ['nothing/there', 'nothing/there'],
  ['loop/below', 'loop/below'],
  ['leaves', undefined],
  ['src/etc/new', undefined],
  ['', ''],
])('%j is %s with its links followed', (path, real) => {
  expect(files.real(path)).toBe(real);
});

test('a path as long as a file is looked at no closer', () => {
  const path = 'a/'.repeat(1_000_000);
  expect(files.real(path)).toBe(path);
});

test('only regular files inside the project are read, and a pipe does not hang', () => {
  expect(files.read('src/a.py')?.toString()).toBe('src/a.py');
  expect(files.read('inside')?.toString()).toBe('src/a.py');
  for (const path of ['leaves', '../outside.txt', 'pipe', 'loop', 'src', 'nothing', 'nul\0']) {
    expect(files.read(path)).toBeUndefined();
  }
});

const NOTHING = { files: [], unusable: [] };

test('globs give regular files of the project, sorted; nothing hidden', () => {
  expect(files.glob(['**/*.py']).files).toEqual([
    'src/[x].py',
    'src/a.py',
    'src/b.py',
    'src/deep/c.py',
  ]);
  expect(files.glob(['src/*.py', 'src/a.*']).files).toEqual(['src/[x].py', 'src/a.py', 'src/b.py']);
  expect(files.glob(['src/.*.py']).files).toEqual(['src/.hidden.py']);
  expect(files.glob(['.git/*', '.sluice/*', 'node_modules/**'])).toEqual(NOTHING);
  expect(files.glob(['../*', '../../**/outside.txt'])).toEqual(NOTHING);
});

test.runIf(process.platform === 'linux')(
  'what a glob matches by a name that is not text is named, file or folder',
  () => {
    const project = mkdtempSync(join(base, 'bytes-'));
    const odd = (name: string) =>
      Buffer.concat([Buffer.from(`${project}/${name}`), Buffer.of(255)]);
    writeFileSync(join(project, 'a.txt'), '');
    writeFileSync(odd('b.txt'), '');
    mkdirSync(odd('c'));
    const { glob, kind } = nodeProjectFiles({ root: project, library: base });
    writeFileSync(Buffer.concat([odd('c'), Buffer.from('/d.txt')]), '');
    mkdirSync(join(project, 'real\ufffd'));
    writeFileSync(join(project, 'real\ufffd/e.txt'), '');
    expect(glob(['**'])).toEqual({
      files: ['a.txt', 'real\ufffd/e.txt'],
      unusable: ['b.txt\ufffd', 'c\ufffd'],
    });
    expect(kind('c\ufffd')).toBe('other');
    expect(kind('d\ufffd')).toBe('absent');
  },
);

test('what a glob matches and nobody can read is named: links that leave, pipes, endless links', () => {
  expect(files.glob(['*'])).toEqual({
    files: ['inside'],
    unusable: ['leaves', 'loop', 'pipe'],
  });
  expect(files.glob(['src/*']).unusable).toEqual(['src/etc']);
});

test('a link to a folder is entered as that folder, also on the way to another', () => {
  using project = folders({
    'common/nets/a.py': 'file',
    'common/b.py': 'file',
    'src/common': '../common',
    'src/deep/nets': '../common/nets',
  });
  const found = ['src/common/b.py', 'src/common/nets/a.py', 'src/deep/nets/a.py'];
  expect(project.files.glob(['src/**/*.py']).files).toEqual(found);
  expect(project.files.glob(['src/**'])).toMatchObject({ files: found, unusable: [] });
  expect(project.files.glob(['src/common/**/*.py']).files).toEqual(found.slice(0, 2));
  expect(project.files.glob(['src/*']).files).toEqual([]);
});

test('a link into a folder that it is reached through ends there', () => {
  using project = folders({
    'a/x.py': 'file',
    'a/up': '..',
    'a/here': '.',
    'a/b': '../b',
    'b/y.py': 'file',
    'b/a': '../a',
  });
  expect(project.files.glob(['**/*.py']).files).toEqual([
    'a/b/y.py',
    'a/x.py',
    'b/a/x.py',
    'b/y.py',
  ]);
});

test('a link out of the project, or to what is never entered, is not entered', () => {
  using project = folders({
    'src/away': tmpdir(),
    'src/packages': '../node_modules/x',
    'src/store': '../.sluice',
    'node_modules/x/a.py': 'file',
    '.sluice/b.py': 'file',
  });
  expect(project.files.glob(['src/**/*.py'])).toMatchObject(NOTHING);
  expect(project.files.glob(['src/**']).unusable).toEqual(['src/away']);
});

test('folders full of links to each other are given up', () => {
  const names = Array.from({ length: 6 }, (_, at) => `f${at}`);
  const links = names.flatMap(name => names.map(to => [`${name}/${to}`, `../${to}`] as const));
  // There are 1,956 ways through six such folders: with this much in each, beyond the limit.
  const files = names.flatMap(name => Array.from({ length: 60 }, (_, at) => `${name}/${at}`));
  using project = folders({
    ...Object.fromEntries([...links, ...files.map(path => [path, 'file'] as const)]),
    'f0/a.py': 'file',
    'lib/b.py': 'file',
  });
  expect(project.files.glob(['**/*.py']).gaveUp).toBe(true);
  // It is no matter of the patterns that come to none of them.
  expect(project.files.glob(['lib/*.py'])).toEqual({ files: ['lib/b.py'], unusable: [] });
});

/** A project of such files, and links by where they lead. */
function folders(entries: Readonly<Record<string, string>>) {
  const root = mkdtempSync(join(tmpdir(), 'sluice-links-'));
  for (const [path, target] of Object.entries(entries)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    if (target === 'file') writeFileSync(join(root, path), '');
    else symlinkSync(target, join(root, path));
  }
  return {
    files: nodeProjectFiles({ root, library: root }),
    [Symbol.dispose]: () => rmSync(root, { recursive: true }),
  };
}

test('names in a folder are sorted, and none where there is no folder', () => {
  expect(files.list('src')).toEqual(['.hidden.py', '[x].py', 'a.py', 'b.py', 'deep', 'etc']);
  expect(files.list('nothing')).toEqual([]);
  expect(files.list('..')).toEqual([]);
});

test('a library step is a folder with a manifest', () => {
  expect(files.librarySteps()).toEqual(['train']);
  expect(files.readLibrary('train', 'step.yaml')?.toString()).toBe('step: train');
  expect(files.readLibrary('nope', 'step.yaml')).toBeUndefined();
});
