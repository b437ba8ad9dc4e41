/**
 * What this invocation may write to, and how: streams, colour, width, verbosity. Made once in
 * main.ts and handed down; nothing below it looks at process.stdout or the environment itself.
 */

export type Terminal = {
  /** Data. */
  readonly out: (text: string) => void;
  /** Everything that is not data: diagnostics, warnings, hints. */
  readonly err: (text: string) => void;
  readonly color: boolean;
  readonly unicode: boolean;
  /** Columns; 100 where there is no terminal. */
  readonly width: number;
  /** The same, and undefined where there is no terminal: what goes to a pipe is never folded. */
  readonly columns: number | undefined;
  readonly interactive: boolean;
  readonly verbosity: 'quiet' | 'normal' | 'verbose';
};

type Streams = Pick<NodeJS.Process, 'stdout' | 'stderr'>;

export function openTerminal(
  { stdout, stderr }: Streams,
  env: NodeJS.ProcessEnv,
  flags: { readonly color: boolean; readonly verbosity: Terminal['verbosity'] },
): Terminal {
  return {
    out: text => void stdout.write(text.endsWith('\n') ? text : `${text}\n`),
    err: text => void stderr.write(text.endsWith('\n') ? text : `${text}\n`),
    color: flags.color && wantsColor(stdout.isTTY === true, env),
    unicode: speaksUnicode(env),
    width: Math.max(40, stdout.columns ?? 100),
    columns: stdout.columns,
    interactive: stdout.isTTY === true && env['CI'] === undefined,
    verbosity: flags.verbosity,
  };
}

/** https://no-color.org and https://force-color.org: set and not empty decides. */
function wantsColor(isTerminal: boolean, env: NodeJS.ProcessEnv): boolean {
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR']) return env['FORCE_COLOR'] !== '0';
  return isTerminal && env['TERM'] !== 'dumb';
}

/** Only a locale that says otherwise rules it out: CI machines often name none. */
function speaksUnicode(env: NodeJS.ProcessEnv): boolean {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  return locale === '' ? env['TERM'] !== 'linux' : /utf-?8/i.test(locale);
}
