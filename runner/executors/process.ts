/**
 * Runs an attempt as a local process that leads a process group of its own, so that ending it also
 * reaches whatever it has spawned. Unaware of steps' meaning, caches and retries.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { Duplex, type Readable } from 'node:stream';
import { assertNever } from '../../schema/assert-never.ts';
import { begunProcesses } from '../process-table.ts';
import { endRemains, signalGroup } from '../remains.ts';
import { withStepUmask } from '../step-umask.ts';
import { watchForEnding } from './ending-watch.ts';
import type { Attempt, Executor, Termination } from './executor.ts';
import { withoutInherited } from './inherited-files.ts';
import { outOfMemoryKills, recentOutOfMemoryKills } from './machine-memory.ts';
import { ProcessGauges } from './process-usage.ts';
import { type Beginning, begin, prepareShare, sharedStart } from './sharing.ts';

/** How long a cancelled step may tidy up before it is killed. */
const GRACE_MS = 5_000;
/** How long output may still arrive when everything that could write it has been killed. */
const DRAIN_MS = 1_000;
const PIPE = ['pipe'] as const;

export function processExecutor(options: { readonly graceMs?: number } = {}): Executor {
  const { graceMs = GRACE_MS } = options;
  const gauges = new ProcessGauges();
  return {
    name: 'process',
    execute: (attempt, signal) => execute(attempt, signal, { graceMs, gauges }),
    prepareShare,
  };
}

async function execute(
  attempt: Attempt,
  signal: AbortSignal,
  { graceMs, gauges }: { readonly graceMs: number; readonly gauges: ProcessGauges },
): Promise<Termination> {
  const isAborted = () => signal.aborted || attempt.kill?.aborted === true;
  if (isAborted()) return { kind: 'cancelled' };
  const killsBefore = recentOutOfMemoryKills();
  const others = begunProcesses();
  const child = start(attempt);
  if ('error' in child) return notStarted(attempt, child.error);
  const leader = child.pid;
  if (leader === undefined) return notStarted(attempt, await errorOf(child));
  const ending = watchForEnding({
    attempt,
    signal,
    graceMs,
    terminate: () => void signalGroup(leader, 'SIGTERM'),
    kill: () => void signalGroup(leader, 'SIGKILL'),
  });
  attempt.onStarted?.(leader);
  attempt.onRunning?.(gauges.gauge(leader, attempt.workdir));
  const drained = drain(child, attempt);
  const beginning = beginningOf(child, attempt);
  const end = await endOf(child);
  ending.stop();
  await endRemains({ leader, workdir: attempt.workdir, others });
  await drained.within(DRAIN_MS);
  // Order matters: an abort outranks a timeout, and both outrank how the process then ended.
  if (isAborted()) return { kind: 'cancelled' };
  if (ending.timedOut()) return { kind: 'timed-out' };
  if ((end.signal === 'SIGKILL' || end.code === 137) && outOfMemoryKills() > killsBefore) {
    return { kind: 'out-of-memory' };
  }
  if (end.signal !== null) return { kind: 'killed', signal: end.signal };
  return unlessNotBegun(await beginning, attempt) ?? { kind: 'exited', code: end.code ?? 0 };
}

function start(attempt: Attempt): ChildProcess | { readonly error: unknown } {
  const { shared = [] } = attempt;
  const isShared = shared.length > 0;
  const [program, ...args] = isShared ? sharedStart(attempt, shared) : attempt.command;
  try {
    return withStepUmask(() =>
      spawn(program, args, {
        cwd: attempt.workdir,
        env: isShared ? {} : { ...attempt.env },
        detached: true,
        stdio: withoutInherited(['ignore', 'pipe', 'pipe', ...(isShared ? PIPE : [])]),
      }),
    );
  } catch (error) {
    // Arguments too long, a NUL byte in one of them.
    return { error };
  }
}

/** Has the attempt itself begun? Where files are shown to it, something else runs before it. */
function beginningOf(child: ChildProcess, attempt: Attempt): Promise<Beginning> {
  const { shared = [] } = attempt;
  const stream = child.stdio[3];
  return stream instanceof Duplex
    ? begin(stream, attempt, shared)
    : Promise.resolve({ kind: 'begun' });
}

function unlessNotBegun(beginning: Beginning, attempt: Attempt): Termination | undefined {
  switch (beginning.kind) {
    case 'begun':
      return undefined;
    case 'not-shown': {
      const message = 'its large inputs could not be shown to it in place; the log says why';
      return { kind: 'not-started', message };
    }
    case 'replaced': {
      const { name, source } = beginning.share;
      return { kind: 'input-replaced', path: name ?? source };
    }
    case 'no-program': {
      const message = `spawn ${attempt.command[0]} ${beginning.code}`;
      return notStarted(attempt, Object.assign(new Error(message), beginning));
    }
    default:
      return assertNever(beginning);
  }
}

const errorOf = (child: ChildProcess): Promise<unknown> =>
  new Promise(resolve => child.once('error', resolve));

const endOf = (child: ChildProcess): Promise<{ code: number | null; signal: string | null }> =>
  new Promise(resolve => {
    // 'exit' rather than 'close': whatever it left behind may hold the streams open for ever.
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });

/** Hands output over as it comes. The callee is done when it returns: that is the backpressure. */
function drain(child: ChildProcess, attempt: Attempt) {
  const streams = [
    ['stdout', child.stdout],
    ['stderr', child.stderr],
  ] as const;
  const ends = streams.map(
    ([name, stream]) =>
      new Promise<void>(resolve => {
        if (stream === null) return resolve();
        stream.on('data', (chunk: Buffer) => attempt.onOutput(name, chunk));
        stream.once('close', resolve);
        stream.once('error', () => resolve());
      }),
  );
  return {
    within: async (timeMs: number) => {
      const timer = setTimeout(() => {
        for (const [, stream] of streams) closeQuietly(stream);
      }, timeMs);
      await Promise.all(ends);
      clearTimeout(timer);
    },
  };
}

const closeQuietly = (stream: Readable | null) => void stream?.destroy();

function notStarted(attempt: Attempt, error: unknown): Termination {
  const program = attempt.command[0];
  if (program.trim() === '') {
    return { kind: 'not-started', message: 'the first word of its command is empty' };
  }
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') {
    return {
      kind: 'not-started',
      message: program.includes('/')
        ? `there is no program at \`${program}\` in the step's working directory; a script of the project has to be listed in \`files\``
        : `\`${program}\` was not found on PATH; install it, or correct the first word of the command`,
    };
  }
  if (code === 'EACCES') {
    return {
      kind: 'not-started',
      message: `\`${program}\` may not be executed; make it executable (chmod +x), or name its interpreter first`,
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { kind: 'not-started', message: `\`${program}\`: ${message}` };
}
