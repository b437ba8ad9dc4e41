/** What git says about the project's folder. Outside a repository, or without git, nothing. */
import { execFileSync } from 'node:child_process';

export type GitState = {
  readonly commit: string;
  readonly branch: string;
  readonly dirty: boolean;
};

export function gitState(root: string): GitState | undefined {
  const git = (...words: readonly string[]): string | undefined => {
    try {
      return execFileSync('git', words, {
        cwd: root,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim();
    } catch {
      return undefined; // No git, no repository, or no commit yet.
    }
  };
  const commit = git('rev-parse', 'HEAD');
  if (commit === undefined) return undefined;
  return {
    commit,
    branch: git('rev-parse', '--abbrev-ref', 'HEAD') ?? '',
    dirty: git('status', '--porcelain', '--untracked-files=no') !== '',
  };
}
