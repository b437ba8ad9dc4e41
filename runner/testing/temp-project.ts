/**
 * A project in a temporary folder with a real store, and runs of it with any executor.
 */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Outcome, RunEvent, Stamped } from '../../schema/event.ts';
import { type RunId, runId } from '../../schema/id.ts';
import type { Plan } from '../../schema/plan.ts';
import { openLocalStore } from '../../store/local.ts';
import type { Store } from '../../store/store.ts';
import { unsyncedDisk } from '../../store/unsynced-disk.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { Executor } from '../executors/executor.ts';
import { type RunRequest, type RunSummary, run } from '../run.ts';

export type StartedRun = {
  readonly run: RunId;
  readonly events: readonly Stamped[];
  readonly summary: Promise<RunSummary>;
  readonly interrupt: () => void;
  readonly insist: () => void;
  /** Step → kind of outcome, once the run has ended. */
  readonly outcomes: () => Promise<Readonly<Record<string, Outcome['kind']>>>;
  /** Events of one type, once the run has ended. */
  readonly eventsOf: <T extends RunEvent['type']>(
    type: T,
  ) => Promise<readonly Extract<Stamped, { readonly type: T }>[]>;
};

export class TempProject {
  readonly root = mkdtempSync(join(tmpdir(), 'sluice-runner-'));
  readonly home = join(this.root, '.sluice');
  #runs = 0;
  #stores: Store[] = [];

  static create(files: Readonly<Record<string, string>> = {}): TempProject {
    const project = new TempProject();
    for (const [path, content] of Object.entries(files)) project.write(path, content);
    return project;
  }

  write(path: string, content: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), content);
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8');
  }

  async store(): Promise<Store> {
    const opened = await openLocalStore({ root: this.home, disk: unsyncedDisk });
    if (!opened.ok) throw new Error(`no store: ${opened.error.kind}`);
    this.#stores.push(opened.value);
    return opened.value;
  }

  async start(
    plan: Plan,
    executor: Executor,
    changes: Partial<RunRequest> = {},
  ): Promise<StartedRun> {
    this.#runs += 1;
    const id = runId(new Date(Date.UTC(2026, 0, 1)), this.#runs.toString(36).padStart(4, '0'));
    const events: Stamped[] = [];
    const signal = new AbortController();
    const kill = new AbortController();
    const request: RunRequest = {
      plan,
      project: this.root,
      home: this.home,
      libraryFolder: join(this.root, 'library'),
      store: changes.store ?? (await this.store()),
      executor,
      events: event => events.push(event),
      signal: signal.signal,
      kill: kill.signal,
      parallel: undefined,
      machine: { cpus: 4, memoryBytes: 2 ** 33, gpus: 0 },
      pools: {},
      keepGoing: false,
      force: undefined,
      only: undefined,
      environment: { PATH: process.env['PATH'] },
      commit: undefined,
      run: id,
      clock: impatientClock,
      ...changes,
    };
    const summary = run(request);
    return {
      run: id,
      events,
      summary,
      interrupt: () => signal.abort(),
      insist: () => kill.abort(),
      outcomes: async () => {
        const { outcomes } = await summary;
        return Object.fromEntries([...outcomes].map(([step, { kind }]) => [step, kind]));
      },
      eventsOf: async type => {
        await summary;
        return events.filter(
          (event): event is Extract<Stamped, { type: typeof type }> => event.type === type,
        );
      },
    };
  }

  /** Closes every store that was opened, so that one can be collected. */
  async letGo(): Promise<void> {
    for (const store of this.#stores.splice(0)) await store.close();
  }

  /** Its folder goes with that of the whole run of the tests. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.letGo();
  }
}

/** Time passes, but nobody waits for it. */
const impatientClock: Clock = { ...systemClock, sleep: () => Promise.resolve() };
