/** What git says about the project's folder. Outside a repository, or without git, nothing. */
import { execFileSync } from 'node:child_process';

export type GitState = {
  readonly commit: string;
  readonly branch: string;
  readonly dirty: boolean;
};

/** One question, because each start of git is felt; without locks, so that nobody's commit waits. */
const QUESTION = ['--no-optional-locks', 'status', '--porcelain=v2', '--branch', '-uno'];

export function gitState(root: string): GitState | undefined {
  try {
    const answer = execFileSync('git', QUESTION, {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: Number.POSITIVE_INFINITY,
    });
    return readGitStatus(answer);
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
