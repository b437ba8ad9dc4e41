/**
 * One container from its start to its end: output, timeouts, cancellation, and an engine that goes
 * away and comes back meanwhile. Says how it ended; ending.ts judges. Removes nothing.
 */
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import { watchForEnding } from '../ending-watch.ts';
import type { Attempt, Termination } from '../executor.ts';
import { outOfMemoryKills } from '../machine-memory.ts';
import { containerGauge } from './container-usage.ts';
import { startRefusal, terminationOf } from './ending.ts';
import { absentEngine, ask, askWithin, type Engine, ping } from './engine.ts';
import { misledBind } from './misled-bind.ts';
import { frameReader } from './output.ts';
import { OutputConnection } from './output-connection.ts';

/** An engine that restarts is back within seconds; after this its containers are given up. */
const AWAY_MS = 60_000;
const AWAY_POLL_MS = 250;
/** A connection that died without a word is noticed at the latest after this. */
const WATCH_MS = 5_000;
/** A busy engine takes seconds to answer; after this it counts as away. */
const ANSWER_MS = 20_000;

type Options = {
  readonly attempt: Attempt;
  readonly signal: AbortSignal;
  readonly graceMs: number;
  readonly engine: Engine;
  readonly container: Docker.Container;
};

type State = {
  readonly running: boolean;
  readonly code: number;
  readonly oomKilled: boolean;
  /** By somebody else: nobody of us does so before it has ended. */
  readonly beingRemoved: boolean;
};

type Signal = 'SIGTERM' | 'SIGKILL';

type Lost = Extract<Termination, { readonly kind: 'lost' }>;

type End = { readonly kind: 'ended'; readonly state: State } | Lost;

export class ContainerRun {
  readonly #options: Options;
  #output: OutputConnection | undefined;
  /** Bytes that have come of what an adopted container had printed. */
  readonly #seen = { stdout: 0, stderr: 0 };
  /** The last that it was sent. */
  #signalled: Signal | undefined;

  constructor(options: Options) {
    this.#options = options;
  }

  async run(): Promise<Termination> {
    const { signal, attempt, graceMs } = this.#options;
    const killsBefore = outOfMemoryKills();
    const refused = await (attempt.adopts === undefined ? this.#start() : this.#goOn());
    if (refused !== undefined) return this.#isAborted() ? { kind: 'cancelled' } : refused;
    const watch = watchForEnding({
      attempt,
      signal,
      graceMs,
      terminate: () => this.#signal('SIGTERM'),
      kill: () => this.#signal('SIGKILL'),
    });
    const end = await this.#end();
    const isWhole = await this.#output?.ended();
    if (attempt.adopts !== undefined && isWhole !== true) await this.#readRest();
    watch.stop();
    if (end.kind === 'lost') return this.#isAborted() ? { kind: 'cancelled' } : end;
    return terminationOf({
      ...end.state,
      machineOutOfMemory: outOfMemoryKills() > killsBefore,
      aborted: this.#isAborted(),
      timedOut: watch.timedOut(),
      lastWords: this.#output?.lastWords ?? '',
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
    const misled = await misledBind(container, attempt.binds);
    if (misled !== undefined) {
      this.#output?.close();
      return lost(`another file or folder was in the place of ${misled.source} when it started`);
    }
    attempt.onRunning?.(containerGauge(container));
    return undefined;
  }

  /** It runs already: all that it has printed comes once more, as far as the engine has kept it. */
  async #goOn(): Promise<Termination | undefined> {
    const { container, attempt } = this.#options;
    const found = await ask(() => container.inspect());
    if (!found.ok || !found.value.State.Running) {
      return lost('its container ended while nobody watched');
    }
    // The engine answers only when there is something to read: nobody waits for that.
    const printed = new PassThrough();
    this.#output = new OutputConnection(printed, (stream, chunk) => {
      this.#seen[stream] += chunk.length;
      attempt.onOutput(stream, chunk);
    });
    void ask(() => container.logs({ follow: true, stdout: true, stderr: true })).then(answer => {
      if (answer.ok) answer.value.pipe(printed);
      else printed.end();
    });
    attempt.onRunning?.(containerGauge(container));
    return undefined;
  }

  /** The engine may not say of what it follows that this has ended: what it has then is all. */
  async #readRest(): Promise<void> {
    const { container, attempt } = this.#options;
    const all = await ask(() => container.logs({ follow: false, stdout: true, stderr: true }));
    if (!all.ok) return;
    const skip = { ...this.#seen };
    const read = frameReader((stream, chunk) => {
      const known = Math.min(skip[stream], chunk.length);
      skip[stream] -= known;
      if (known < chunk.length) attempt.onOutput(stream, chunk.subarray(known));
    });
    read(all.value);
  }

  async #attach() {
    const { container, attempt } = this.#options;
    const attached = await ask(() =>
      container.attach({ stream: true, stdout: true, stderr: true }),
    );
    if (attached.ok) this.#output = new OutputConnection(attached.value, attempt.onOutput);
    return attached;
  }

  /** Settles when the container has ended, or has to be given up. */
  async #end(): Promise<End> {
    for (;;) {
      await this.#somethingHappens();
      const state = await this.#inspect();
      if (state.ok && state.value.running) continue;
      if (state.ok) return endOf(state.value);
      if (state.error.kind === 'refused')
        return lost(`its container is gone: ${state.error.message}`);
      if (!(await this.#engineReturns())) {
        return lost(`the container engine went away (${state.error.message}) and did not return`);
      }
      const found = await this.#inspect();
      // What ended in the engine's absence may have been ended by it: not a result to rely on.
      if (!found.ok || !found.value.running) {
        return lost('the container engine went away, and its container ended meanwhile');
      }
      // An engine that only held its breath goes on with the connection that there is.
      if (this.#output?.isOpen !== true) await this.#attach();
      // What was sent meanwhile has reached nobody.
      if (this.#signalled !== undefined) this.#signal(this.#signalled);
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
    const found = await askWithin(ANSWER_MS, () => container.inspect());
    if (!found.ok) return found;
    const { Running: running, ExitCode: code, OOMKilled: oomKilled, Status } = found.value.State;
    const beingRemoved = Status === 'removing';
    return { ok: true, value: { running, code, oomKilled, beingRemoved } } as const;
  }

  /** Who cancels waits for it as long as for a step that may tidy up, and not at all when insisting. */
  async #engineReturns(): Promise<boolean> {
    const { engine, attempt, signal, graceMs } = this.#options;
    const now = () => performance.now();
    const until = now() + AWAY_MS;
    let untilCancelled: number | undefined;
    while (now() < (untilCancelled ?? until) && attempt.kill?.aborted !== true) {
      if ((await ping(engine)).ok) return true;
      await sleep(AWAY_POLL_MS);
      if (signal.aborted) untilCancelled ??= Math.min(until, now() + graceMs);
    }
    return false;
  }

  #isAborted = (): boolean =>
    this.#options.signal.aborted || this.#options.attempt.kill?.aborted === true;

  /** Refused where it has ended already, which is as good. */
  #signal(signal: Signal): void {
    this.#signalled = signal;
    void ask(() => this.#options.container.kill({ signal }));
  }
}

/** What is killed so that it can be taken away has not ended by itself. */
const endOf = (state: State): End =>
  state.beingRemoved && state.code === KILLED
    ? lost('its container was taken away')
    : { kind: 'ended', state };

/** 128 + the number of SIGKILL. */
const KILLED = 137;

const lost = (message: string): Lost => ({ kind: 'lost', message });
