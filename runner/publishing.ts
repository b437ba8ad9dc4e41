/**
 * Turns what an attempt left into a trace (semantics.md §4, 3): nothing it read has moved, every
 * output is there, bytes are durable, and the trace comes last. A result that fails the first test
 * is kept aside for the user and not published.
 */
import { mkdirSync, renameSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Failure } from '../schema/event.ts';
import type { Fingerprint } from '../schema/fingerprint.ts';
import type { CacheKey } from '../schema/id.ts';
import { type Artifact, TRACE_FORMAT, type Trace } from '../schema/trace.ts';
import type { StoreError } from '../store/store.ts';
import type { Finished } from './attempt.ts';
import type { Outputs, RunContext } from './context.ts';
import { findOutputs } from './declared-outputs.ts';
import { readReceipt } from './effects.ts';
import { fileNameOf } from './file-name.ts';
import { movedInputs } from './inputs.ts';
import type { ProgramWatch } from './program-watch.ts';
import { findWhole } from './rebuilder.ts';
import type { ResolvedStep } from './resolved-step.ts';
import { probe } from './side-command.ts';
import { type Attempted, done, failed, storeFailure, systemFailure } from './stop.ts';

export type Made = {
  readonly resolved: ResolvedStep;
  readonly fingerprint: Fingerprint;
  readonly key: CacheKey;
  readonly program: ProgramWatch;
};

/** What later steps take for this one's outputs. */
export async function publish(
  made: Made,
  { workspace, durationMs }: Finished,
  context: RunContext,
): Promise<Attempted<Outputs>> {
  const { step } = made.resolved;
  const { workdir } = workspace;
  const found = findOutputs(step, workdir);
  if (!found.ok) return found;
  const moved = [...(await movedSources(made, context)), ...(await workspace.changed())];
  if (moved.length > 0) return keepAside(made, moved, found.value, context);
  const receipt = await readReceipt(step, workdir, context);
  if (!receipt.ok) return receipt;
  const outputs: Record<string, Artifact> = {};
  for (const [port, path] of found.value) {
    const stored = await context.store.put(path);
    if (!stored.ok) return failed(notStored(stored.error, `output \`${port}\``));
    outputs[port] = stored.value;
  }
  // Nobody will ever look for it: a trace would only grow old.
  if (!step.cache.enabled) return done(outputs);
  const trace: Trace = {
    format: TRACE_FORMAT,
    key: made.key,
    fingerprint: made.fingerprint,
    outputs,
    made: {
      run: context.run,
      host: context.host,
      at: new Date(context.clock.now()).toISOString(),
      durationMs,
    },
    receipt: receipt.value,
  };
  const written = await context.store.putTrace(trace);
  if (!written.ok) return failed(storeFailure(written.error, 'its trace'));
  return done(await agreedOutputs(made, outputs, context));
}

/** What a step wrote and no store can take is its fault; that the store is gone meanwhile is not. */
function notStored(error: StoreError, what: string): Failure {
  const failure = storeFailure(error, what);
  if (failure.class !== 'not-started') return failure;
  if (error.kind === 'unsupported') return { class: 'bad-output', message: failure.message };
  return { class: 'environment', message: `${what} could not be stored: ${failure.message}` };
}

/** Everything outside of the working directory that the key was made from. */
async function movedSources(
  { resolved, fingerprint, program }: Made,
  context: RunContext,
): Promise<readonly string[]> {
  const moved = [...(await movedInputs(resolved.inputs, context)), ...(await program.changed())];
  if (resolved.probe !== null) {
    const now = await probe(resolved, context);
    if (!now.ok || now.value !== fingerprint.probe)
      moved.push('the source that its probe looks at');
  }
  return moved;
}

/** Of several results of one key the oldest counts, in this run as in the next. */
async function agreedOutputs(
  { resolved: { step }, key }: Made,
  outputs: Outputs,
  context: RunContext,
): Promise<Outputs> {
  // What an effect has just done is what the world holds now.
  if (step.kind === 'effect') return outputs;
  const known = await context.store.findTrace(key);
  if (known === undefined || known.count < 2) return outputs;
  context.emit({
    type: 'warning',
    step: step.id,
    code: 'nondeterministic',
    message:
      step.kind === 'source'
        ? 'it found something else before, when its probe said the same; the first result counts'
        : 'it has made something else from the same inputs before; the first result counts',
  });
  const agreed = await findWhole(step, key, context);
  return agreed?.outputs ?? outputs;
}

function keepAside(
  { resolved: { step } }: Made,
  moved: readonly string[],
  outputs: ReadonlyMap<string, string>,
  context: RunContext,
): Attempted<never> {
  const folder = join(context.home, 'unpublished', context.run, fileNameOf(step.id));
  try {
    mkdirSync(folder, { recursive: true });
    for (const [port, path] of outputs) renameSync(path, join(folder, port));
  } catch (error) {
    return failed(systemFailure(error, 'keeping its result aside'));
  }
  const kept = relative(context.project, folder);
  context.emit({
    type: 'warning',
    step: step.id,
    code: 'unstable-input',
    message: `${moved.join(', ')} changed while it ran; its result is kept in ${kept} and not published`,
  });
  return failed({ class: 'unstable-input', paths: moved, kept });
}
