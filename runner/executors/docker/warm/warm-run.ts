/**
 * One attempt as a command in a container that has been started before. Held to what every executor
 * is; says besides whether the container is as it was. Unaware of where it comes from.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import { watchForEnding } from '../../ending-watch.ts';
import type { Attempt, Gauge, Termination } from '../../executor.ts';
import { outOfMemoryKills } from '../../machine-memory.ts';
import { type Ending, notFound, terminationOf } from '../ending.ts';
import { ask, type Refusal } from '../engine.ts';
import { OutputConnection } from '../output-connection.ts';
import type { WarmCommand } from './shape.ts';
import type { Look, WarmContainer } from './warm-container.ts';

/** A command may close its streams and go on, or leave somebody who holds them: then we look. */
const LOOK_MS = 250;
/** Between the end of the streams and the engine's knowing about the end. */
const SOON_MS = 4;

export type WarmRunOptions = {
  readonly warm: WarmContainer;
  readonly attempt: Attempt;
  readonly signal: AbortSignal;
  readonly graceMs: number;
  readonly command: WarmCommand;
};

type Lost = Extract<Termination, { readonly kind: 'lost' }>;

type Ended = { readonly kind: 'ended'; readonly code: number; readonly hasBegun: boolean };

type End = Ended | Lost;

/** The container has ended unless it is as it was. */
export async function runInside(options: WarmRunOptions): Promise<Termination> {
  const { warm, attempt, signal, graceMs } = options;
  const killsBefore = outOfMemoryKills();
  const begun = await begin(options);
  if (!begun.ok) return { kind: 'lost', message: `its warm container: ${begun.error.message}` };
  const { exec, output } = begun.value;
  attempt.onRunning?.(fromNow(warm.gauge));
  let isOver = false;
  const watch = watchForEnding({
    attempt,
    signal,
    graceMs,
    terminate: () => void terminate(options, () => isOver),
    kill: () => void warm.end(),
  });
  const end = await endOf(exec, output, warm);
  isOver = true;
  watch.stop();
  const isCut = watch.isAborted() || watch.timedOut() || end.kind === 'lost';
  const look = isCut ? undefined : await warm.look();
  // Whatever it has left ends with the container, and then lets go of the streams.
  if (look?.isClean !== true) await warm.end();
  await output.ended();
  if (watch.isAborted()) return { kind: 'cancelled' };
  if (watch.timedOut()) return { kind: 'timed-out' };
  if (end.kind === 'lost') return end;
  if (look === undefined) return lost;
  const machineOutOfMemory = outOfMemoryKills() > killsBefore;
  return judgeEnd(attempt, end, { look, machineOutOfMemory, lastWords: output.lastWords });
}

/** Of a command that ended by itself, in a container that was looked at since. */
function judgeEnd(
  { container, command }: Attempt,
  { code, hasBegun }: Ended,
  { look, machineOutOfMemory, lastWords }: Circumstances,
): Termination {
  const program = container?.entrypoint?.[0] ?? command[0];
  if (!hasBegun) return { kind: 'not-started', message: notFound(program, lastWords) };
  return terminationOf({
    code,
    oomKilled: look.hadOomKill,
    machineOutOfMemory,
    aborted: false,
    timedOut: false,
    lastWords,
    program,
  });
}

type Circumstances = Pick<Ending, 'machineOutOfMemory' | 'lastWords'> & { readonly look: Look };

/** Processor time of the attempts before it is not its own. */
function fromNow(gauge: Gauge): Gauge {
  const before = gauge.read('quick');
  return {
    ...gauge,
    read: async precision => {
      const [start, now] = [await before, await gauge.read(precision)];
      return now && { ...now, cpuMs: now.cpuMs - (start?.cpuMs ?? 0) };
    },
  };
}

async function begin({ warm, attempt, command }: WarmRunOptions) {
  const made = await ask(() =>
    warm.container.exec({ ...command, AttachStdout: true, AttachStderr: true }),
  );
  if (!made.ok) return made;
  const exec = made.value;
  const started = await ask(() => exec.start({}));
  if (!started.ok) return started;
  const output = new OutputConnection(started.value, attempt.onOutput);
  return { ok: true, value: { exec, output } } as const;
}

/** Settles when the command has ended, or its container has. */
async function endOf(
  exec: Docker.Exec,
  output: OutputConnection,
  warm: WarmContainer,
): Promise<End> {
  let isClosed = false;
  const closed = output.done.then(() => {
    isClosed = true;
  });
  for (;;) {
    await Promise.race([closed, sleep(LOOK_MS, undefined, { ref: false })]);
    if (!warm.isAlive) return lost;
    const found = await ask(() => exec.inspect());
    if (!found.ok) return lostBy(found.error);
    const { Running, ExitCode, Pid } = found.value;
    if (!Running && ExitCode !== null)
      return { kind: 'ended', code: ExitCode, hasBegun: Pid !== 0 };
    if (isClosed) await sleep(SOON_MS);
  }
}

const lost: Lost = { kind: 'lost', message: 'its warm container ended under it' };

const lostBy = (error: Refusal): Lost =>
  error.kind === 'refused'
    ? lost
    : { kind: 'lost', message: `the container engine went away (${error.message})` };

/** The engine passes no signals to commands: another one, of the same user, does. */
async function terminate({ warm, command }: WarmRunOptions, isOver: () => boolean): Promise<void> {
  const { User } = command;
  const signalAll = { User, Cmd: ['/bin/sh', '-c', 'kill -s TERM -- -1'] };
  // Until it reaches somebody: the command may not have begun when this comes.
  while (!isOver() && warm.isAlive) {
    const made = await ask(() => warm.container.exec(signalAll));
    if (!made.ok) return;
    const started = await ask(() => made.value.start({ Detach: true }));
    if (!started.ok) return;
    const ended = await codeOf(made.value, isOver);
    if (ended === 0) return;
    await sleep(SOON_MS);
  }
}

async function codeOf(exec: Docker.Exec, isOver: () => boolean): Promise<number | undefined> {
  while (!isOver()) {
    const found = await ask(() => exec.inspect());
    if (!found.ok) return undefined;
    if (!found.value.Running && found.value.ExitCode !== null) return found.value.ExitCode;
    await sleep(SOON_MS);
  }
  return undefined;
}
