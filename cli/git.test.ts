import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { gitLock, gitState, readGitStatus } from './git.ts';

const OID = '0123456789012345678901234567890123456789';

test.each([
  ['nothing was changed', `# branch.oid ${OID}\n# branch.head main\n`, 'main', false],
  [
    'something was changed',
    `# branch.oid ${OID}\n# branch.head a b\n1 .M N... 100644 100644 100644 ${OID} ${OID} f\n`,
    'a b',
    true,
  ],
  ['there is an upstream', `# branch.oid ${OID}\n# branch.head m\n# branch.ab +1 -0\n`, 'm', false],
  ['no branch is checked out', `# branch.oid ${OID}\n# branch.head (detached)\n`, 'HEAD', false],
])('when %s', (_when, status, branch, dirty) => {
  expect(readGitStatus(status)).toEqual({ commit: OID, branch, dirty });
});

test('before the first commit there is nothing to name', () => {
  expect(readGitStatus('# branch.oid (initial)\n# branch.head main\n')).toBeUndefined();
});

test('a real repository is read: its commit, its branch, and whether it was edited since', () => {
  const root = mkdtempSync(join(tmpdir(), 'sluice-git-'));
  const git = (...words: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...words], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  try {
    git('init', '-b', 'trunk');
    expect(gitState(root)).toBeUndefined();
    writeFileSync(join(root, 'a'), '1');
    git('add', 'a');
    git('commit', '-m', 'a');
    const commit = git('rev-parse', 'HEAD').trim();
    expect(gitState(root)).toEqual({ commit, branch: 'trunk', dirty: false });
    writeFileSync(join(root, 'a'), '22');
    expect(gitState(root)).toEqual({ commit, branch: 'trunk', dirty: true });
  } finally {
    rmSync(root, { recursive: true });
  }
});

test('the lock of a linked worktree lies with the repository, whichever folder is asked', () => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-git-')));
  const git = (...words: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...words], { cwd: root });
  try {
    expect(gitLock(root)).toBeUndefined();
    git('init', '-q');
    git('commit', '-q', '--allow-empty', '-m', 'first');
    git('worktree', 'add', '-q', '--detach', 'linked');
    mkdirSync(join(root, 'linked', 'below'));
    expect(gitLock(root)).toBe(join(root, '.git', 'index.lock'));
    const lock = join(root, '.git', 'worktrees', 'linked', 'index.lock');
    expect(gitLock(join(root, 'linked', 'below'))).toBe(lock);
  } finally {
    rmSync(root, { recursive: true });
  }
});
