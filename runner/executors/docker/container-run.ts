/**
 * One container from its start to its removal: output, timeouts, cancellation, and an engine that
 * goes away and comes back meanwhile. Says in the end how it ended; ending.ts judges.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import type { Attempt, Termination } from '../executor.ts';
import { outOfMemoryKills } from '../machine-memory.ts';
import { containerGauge } from './container-usage.ts';
import { startRefusal, terminationOf } from './ending.ts';
import { absentEngine, ask, type Engine, ping } from './engine.ts';
import { frameReader } from './output.ts';

/** An engine that restarts is back within seconds; after this its containers are given up. */
const AWAY_MS = 60_000;
const AWAY_POLL_MS = 250;
/** A connection that died without a word is noticed at the latest after this. */
const WATCH_MS = 5_000;
/** Output may still be under way when the container has ended; silence for this long ends it. */
const SILENCE_MS = 2_000;
const LAST_WORDS_BYTES = 2_048;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

type Options = {
  readonly attempt: Attempt;
  readonly signal: AbortSignal;
  readonly graceMs: number;
  readonly engine: Engine;
  readonly container: Docker.Container;
};

type State = { readonly running: boolean; readonly code: number; readonly oomKilled: boolean };

type End =
  | { readonly kind: 'ended'; readonly state: State }
  | { readonly kind: 'lost'; readonly message: string };

export class ContainerRun {
  readonly #options: Options;
  #output: Output | undefined;
  #timedOut = false;
  #killTimer: NodeJS.Timeout | undefined;
  #timeout: NodeJS.Timeout | undefined;
  #lastWords = '';

  constructor(options: Options) {
    this.#options = options;
  }

  async run(): Promise<Termination> {
    const { signal, attempt } = this.#options;
    const killsBefore = outOfMemoryKills();
    const refused = await this.#start();
    if (refused !== undefined) {
      await this.#remove();
      return this.#isAborted() ? { kind: 'cancelled' } : refused;
    }
    signal.addEventListener('abort', this.#terminate);
    attempt.kill?.addEventListener('abort', this.#kill);
    // Whoever aborted while it started has called nobody yet.
    if (signal.aborted) this.#terminate();
    if (attempt.kill?.aborted) this.#kill();
    const end = await this.#end();
    await this.#output?.ended(SILENCE_MS);
    this.#stopListening();
    await this.#remove();
    if (end.kind === 'lost') return this.#isAborted() ? { kind: 'cancelled' } : end;
    return terminationOf({
      ...end.state,
      machineOutOfMemory: outOfMemoryKills() > killsBefore,
      aborted: this.#isAborted(),
      timedOut: this.#timedOut,
      lastWords: this.#lastWords,
      program: attempt.container?.entrypoint?.[0] ?? attempt.command[0],
    });
  }

  /** Undefined when it has started. Attached before, so that not a byte is missed. */
  async #start(): Promise<Termination | undefined> {
    const { container, attempt, engine } = this.#options;
    const attached = await this.#attach();
    const started = attached.ok ? await ask(() => container.start()) : attached;
    if (!started.ok) {
      this.#output?.close();
      const { error } = started;
      const message =
        error.kind === 'gone'
          ? absentEngine(engine, error.message)
          : startRefusal(error.message, attempt.command[0]);
      return { kind: 'not-started', message };
    }
    attempt.onRunning?.(containerGauge(container));
    const { timeoutMs } = attempt;
    if (timeoutMs !== null && timeoutMs <= LONGEST_TIMER_MS) {
      this.#timeout = setTimeout(() => {
        this.#timedOut = true;
        this.#terminate();
      }, timeoutMs);
    }
    return undefined;
  }

  async #attach() {
    const { container, attempt } = this.#options;
    const attached = await ask(() =>
      container.attach({ stream: true, stdout: true, stderr: true }),
    );
    if (attached.ok) {
      const read = frameReader((stream, chunk) => {
        if (stream === 'stderr') this.#remember(chunk);
        attempt.onOutput(stream, chunk);
      });
      this.#output = new Output(attached.value, read);
    }
    return attached;
  }

  #remember(chunk: Buffer): void {
    const tail = chunk.subarray(-LAST_WORDS_BYTES).toString('utf8');
    this.#lastWords = (this.#lastWords + tail).slice(-LAST_WORDS_BYTES);
  }

  /** Settles when the container has ended, or has to be given up. */
  async #end(): Promise<End> {
    const { container } = this.#options;
    for (;;) {
      await this.#somethingHappens();
      const state = await this.#inspect();
      if (state.ok && !state.value.running) return { kind: 'ended', state: state.value };
      if (state.ok) continue;
      if (state.error.kind === 'refused')
        return lost(`its container is gone: ${state.error.message}`);
      if (!(await this.#engineReturns())) {
        return lost(`the container engine went away (${state.error.message}) and did not return`);
      }
      const found = await ask(() => container.inspect());
      // What ended in the engine's absence may have been ended by it: not a result to rely on.
      if (!found.ok || !found.value.State.Running) {
        return lost('the container engine went away, and its container ended meanwhile');
      }
      await this.#attach();
    }
  }

  /** The container ended, the connection broke, or it is time to look. */
  async #somethingHappens(): Promise<void> {
    const stop = new AbortController();
    const { signal: abortSignal } = stop;
    const { container } = this.#options;
    const output = this.#output?.done ?? Promise.resolve();
    await Promise.race([
      ask(() => container.wait({ abortSignal })),
      // A step may close its streams and go on: then the engine's word is waited for.
      output.then(() => sleep(AWAY_POLL_MS, undefined, { ref: false })),
      sleep(WATCH_MS, undefined, { signal: abortSignal }).catch(() => undefined),
    ]);
    stop.abort();
  }

  async #inspect() {
    const { container } = this.#options;
    const found = await ask(() => container.inspect());
    if (!found.ok) return found;
    const { Running: running, ExitCode: code, OOMKilled: oomKilled } = found.value.State;
    return { ok: true, value: { running, code, oomKilled } } as const;
  }

  async #engineReturns(): Promise<boolean> {
    const until = performance.now() + AWAY_MS;
    while (performance.now() < until && this.#options.attempt.kill?.aborted !== true) {
      if ((await ping(this.#options.engine)).ok) return true;
      await sleep(AWAY_POLL_MS);
    }
    return false;
  }

  #isAborted = (): boolean =>
    this.#options.signal.aborted || this.#options.attempt.kill?.aborted === true;

  #terminate = (): void => {
    this.#signal('SIGTERM');
    this.#killTimer ??= setTimeout(this.#kill, this.#options.graceMs);
  };

  #kill = (): void => this.#signal('SIGKILL');

  /** Refused where it has ended already, which is as good. */
  #signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    void ask(() => this.#options.container.kill({ signal }));
  }

  #stopListening(): void {
    clearTimeout(this.#timeout);
    clearTimeout(this.#killTimer);
    this.#options.signal.removeEventListener('abort', this.#terminate);
    this.#options.attempt.kill?.removeEventListener('abort', this.#kill);
  }

  /** What cannot be removed now is found by its labels when the next run starts. */
  async #remove(): Promise<void> {
    await ask(() => this.#options.container.remove({ force: true, v: true }));
  }
}

const lost = (message: string): End => ({ kind: 'lost', message });

/** The connection that carries a container's output. */
class Output {
  readonly done: Promise<void>;
  readonly #stream: NodeJS.ReadableStream;
  #lastByteAt = performance.now();

  constructor(stream: NodeJS.ReadableStream, read: (chunk: Buffer) => void) {
    this.#stream = stream;
    stream.on('data', (chunk: Buffer) => {
      this.#lastByteAt = performance.now();
      read(chunk);
    });
    this.done = new Promise(resolve => {
      for (const event of ['end', 'close', 'error']) stream.once(event, () => resolve());
    });
  }

  /** Settles when everything has come, or when nothing has for `silenceMs`. */
  async ended(silenceMs: number): Promise<void> {
    let isOver = false;
    const over = this.done.then(() => {
      isOver = true;
    });
    while (!isOver) {
      await Promise.race([over, sleep(silenceMs / 4, undefined, { ref: false })]);
      if (performance.now() - this.#lastByteAt > silenceMs) break;
    }
    this.close();
  }

  close(): void {
    if ('destroy' in this.#stream && typeof this.#stream.destroy === 'function') {
      this.#stream.destroy();
    }
  }
}
