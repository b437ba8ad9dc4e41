/** What git says about the project's folder. Outside a repository, or without git, nothing. */
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';

export type GitState = {
  readonly commit: string;
  readonly branch: string;
  readonly dirty: boolean;
};

/** One question, because each start of git is felt; without locks, so that nobody's commit waits. */
const QUESTION = ['--no-optional-locks', 'status', '--porcelain=v2', '--branch', '-uno'];

export function gitState(root: string): GitState | undefined {
  const answer = askGit(root, QUESTION);
  return answer === undefined ? undefined : readGitStatus(answer);
}

/** The file that git holds while it changes the folder: in a linked worktree that lies elsewhere. */
export function gitLock(root: string): string | undefined {
  const answer = askGit(root, ['rev-parse', '--git-path', 'index.lock']);
  return answer === undefined ? undefined : resolve(root, answer.trimEnd());
}

function askGit(root: string, question: readonly string[]): string | undefined {
  try {
    return execFileSync('git', question, {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: Number.POSITIVE_INFINITY,
    });
  } catch {
    return undefined; // No git, or no repository.
  }
}

/** Undefined where nothing was committed yet. */
export function readGitStatus(status: string): GitState | undefined {
  const lines = status.split('\n').filter(line => line !== '');
  const header = (name: string): string | undefined => {
    const start = `# branch.${name} `;
    return lines.find(line => line.startsWith(start))?.slice(start.length);
  };
  const commit = header('oid');
  if (commit === undefined || commit === '(initial)') return undefined;
  const branch = header('head') ?? '';
  return {
    commit,
    // What git itself calls it elsewhere.
    branch: branch === '(detached)' ? 'HEAD' : branch,
    dirty: lines.some(line => !line.startsWith('#')),
  };
}
