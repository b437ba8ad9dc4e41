/**
 * Commands beside a step's own: a source's probe and an effect's check. They see what the step would
 * see, in a working directory of their own, and leave nothing but what they print, secrets masked: a
 * probe's words are in the key.
 */

import { commandLine } from './command-line.ts';
import type { RunContext } from './context.ts';
import type { Termination } from './executors/executor.ts';
import type { ResolvedStep, Words } from './resolved-step.ts';
import { maskStream } from './secrets.ts';
import { environmentOf } from './step-environment.ts';
import { type Attempted, done, failed, stopped } from './stop.ts';
import { failureOf } from './termination.ts';
import { openWorkspace } from './workspace.ts';

/** More than this of what they print is not looked at. */
const PRINT_LIMIT = 64 * 1024;

type Said = { readonly termination: Termination; readonly stdout: string; readonly stderr: string };

async function runAside(
  words: Words,
  resolved: ResolvedStep,
  context: RunContext,
): Promise<Attempted<Said>> {
  const workspace = await openWorkspace(resolved, { attempt: 1, key: undefined }, context);
  if (!workspace.ok) return workspace;
  const { workdir, binds, shared, changed, remove } = workspace.value;
  try {
    const env = environmentOf(resolved, workspace.value, context);
    if (!env.ok) return env;
    const printed = { stdout: '', stderr: '' };
    const { secrets } = context;
    const masks = { stdout: maskStream(secrets), stderr: maskStream(secrets) };
    const { policy, container, id } = resolved.step;
    const termination = await context.executor.execute(
      {
        step: id,
        command: commandLine(words, resolved, context),
        workdir,
        env: env.value,
        resources: policy.resources,
        timeoutMs: policy.timeoutMs,
        container,
        binds,
        shared,
        labels: { home: context.home, run: context.run },
        kill: context.kill,
        onOutput: (stream, chunk) => {
          if (printed[stream].length < PRINT_LIMIT) printed[stream] += masks[stream].push(chunk);
        },
      },
      context.signal,
    );
    if (termination.kind === 'cancelled') return stopped({ kind: 'cancelled' });
    // What is large it was shown in place: it may have seen what no key is made from.
    const paths = termination.kind === 'input-replaced' ? [termination.path] : await changed();
    if (paths.length > 0) {
      return stopped({ kind: 'moved', failure: { class: 'unstable-input', paths } });
    }
    const { stdout, stderr } = printed;
    return done({
      termination,
      stdout: stdout + masks.stdout.end(),
      stderr: stderr + masks.stderr.end(),
    });
  } finally {
    remove();
  }
}

/** The token that names the state of the world; null for steps that are no source. */
export async function probe(
  resolved: ResolvedStep,
  context: RunContext,
): Promise<Attempted<string | null>> {
  if (resolved.probe === null) return done(null);
  const said = await runAside(resolved.probe, resolved, context);
  if (!said.ok) return said;
  const { termination, stdout, stderr } = said.value;
  const failure = failureOf(termination, {
    timeoutMs: resolved.step.policy.timeoutMs,
    diskBytes: null,
  });
  if (failure === undefined) return done(stdout.trim().slice(0, PRINT_LIMIT));
  if (failure.class !== 'exit') return failed(failure);
  const words = lastLine(stderr);
  return failed({ ...failure, hint: `its probe failed${words === '' ? '' : `: ${words}`}` });
}

/** What an effect's check command says: undefined when the effect is in place. */
export async function checkEffect(
  resolved: ResolvedStep,
  context: RunContext,
): Promise<string | undefined> {
  if (resolved.check === null) return undefined;
  const said = await runAside(resolved.check, resolved, context);
  if (!said.ok) return 'its check could not be run';
  const { termination, stdout, stderr } = said.value;
  if (termination.kind === 'exited' && termination.code === 0) return undefined;
  const words = lastLine(stderr) || lastLine(stdout);
  return words === '' ? 'its check says so' : words;
}

const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1)?.trim() ?? '';
