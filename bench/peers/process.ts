/** Starts other programs and insists that they succeed. */
import { spawnSync } from 'node:child_process';

export type Environment = Readonly<Record<string, string>>;

/** Throws with what it printed when it does not exit with 0. */
export function execute(
  program: string,
  args: readonly string[],
  cwd: string,
  env: Environment = {},
): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...env },
    maxBuffer: Number.POSITIVE_INFINITY,
  });
  if (status === 0) return stdout;
  const words = [program, ...args].join(' ');
  throw new Error(`${words}: ${error?.message ?? `exit ${status}`}\n${stdout}\n${stderr}`);
}

export const answerOf = (program: string, args: readonly string[]): string =>
  execute(program, args, '.').trim();

/** Tools for repositories ask git which files there are. */
export function gitCommit(folder: string): void {
  const git = (...args: readonly string[]) => execute('git', args, folder);
  git('init', '--quiet');
  git('add', '--all');
  git('-c', 'user.name=bench', '-c', 'user.email=bench@localhost', 'commit', '-qm', 'all');
}
