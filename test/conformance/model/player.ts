/**
 * Plays a world in a real project with the real runner and store; only the commands are played by a
 * function instead of a shell. Does to the disk what the model's edits say.
 */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { HeldStep } from '../../../runner/testing/held-executor.ts';
import { playing } from '../../../runner/testing/playing.ts';
import { TempProject } from '../../../runner/testing/temp-project.ts';
import type { Stamped } from '../../../schema/event.ts';
import { openLocalStore } from '../../../store/local.ts';
import type { Orders } from './oracle.ts';
import {
  asPlan,
  CHECK,
  commandText,
  contentsOf,
  type ModelStep,
  PROBE,
  type Seen,
  type World,
} from './world.ts';

export type Played = {
  readonly executed: readonly string[];
  readonly outcomes: Readonly<Record<string, string>>;
  /** `step.port` → digest of what it hands on, at the end of the run. */
  readonly digests: ReadonlyMap<string, string>;
  readonly events: readonly Stamped[];
};

/** Files count as old enough to be remembered by their times: then that is put to the test too. */
const HOUR = 3_600_000;

export class Player implements AsyncDisposable {
  readonly #project = TempProject.create();
  readonly #keys = new Map<string, string>();
  /** Effect → what it has done to the world. */
  readonly #effects = new Map<string, string>();

  undo(effect: string): void {
    this.#effects.delete(effect);
  }

  async play(world: World, orders: Orders): Promise<Played> {
    const { home } = this.#project;
    const opened = await openLocalStore({ root: home, now: () => Date.now() + HOUR });
    if (!opened.ok) throw new Error(`no store: ${opened.error.kind}`);
    const store = opened.value;
    const executed: string[] = [];
    const interrupt = new AbortController();
    const begin = (step: string) => {
      executed.push(step);
      if (executed.length === orders.interruptedAt) interrupt.abort();
      return !interrupt.signal.aborted;
    };
    const part = partOf({ world, orders, effects: this.#effects, begin });
    const parts = world.steps.map(step => [step.name, part(step)] as const);
    const executor = playing(Object.fromEntries(parts));
    const run = await this.#project.start(asPlan(world), executor, {
      store,
      force: orders.forced,
      keepGoing: true,
      signal: interrupt.signal,
      environment: { PATH: process.env['PATH'], SECRET: world.secret },
    });
    const outcomes = await run.outcomes();
    await store.close();
    this.#waitForClock();
    const finished = run.events.filter(event => event.type === 'step-finished');
    for (const { step, key } of finished) if (key !== null) this.#keys.set(step, key);
    const digests = finished.flatMap(({ step, outputs }) =>
      Object.entries(outputs).map(([port, { digest }]) => [`${step}.${port}`, digest] as const),
    );
    return {
      executed: executed.sort(),
      outcomes,
      digests: new Map(digests),
      events: run.events,
    };
  }

  write(path: string, content: string): void {
    this.#project.write(path, content);
  }

  writeUnseen(path: string, content: string): void {
    const full = join(this.#project.root, path);
    const { atime, mtime } = lstatSync(full);
    this.write(path, content);
    utimesSync(full, atime, mtime);
  }

  remove(path: string): void {
    rmSync(join(this.#project.root, path), { recursive: true, force: true });
  }

  /** Undefined when nothing is there. */
  read(path: string): string | undefined {
    const full = join(this.#project.root, path);
    return existsSync(full) ? readFileSync(full, 'utf8') : undefined;
  }

  /** Changes the stored bytes of a content; they have to be there. */
  damage(content: string, change: (bytes: Buffer) => Buffer | undefined): void {
    const digest = createHash('sha256').update(content).digest('hex');
    const path = join(this.#project.home, 'blobs', digest.slice(0, 2), digest.slice(2));
    const changed = change(readFileSync(path));
    chmodSync(path, 0o644);
    if (changed === undefined) rmSync(path);
    else writeFileSync(path, changed);
  }

  /** Spoils every remembered result of the key that a step had in the last run. */
  spoilTraces(step: string, change: (bytes: Buffer) => Buffer | undefined): void {
    const key = this.#keys.get(step);
    if (key === undefined) return;
    const folder = join(this.#project.home, 'traces', key.slice(0, 2), key.slice(2));
    if (!existsSync(folder)) return;
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      const changed = change(readFileSync(path));
      chmodSync(path, 0o644);
      if (changed === undefined) rmSync(path);
      else writeFileSync(path, changed);
    }
  }

  /** Edits come after: until the file system's clock has ticked, an edit could not be seen at all. */
  #waitForClock(): void {
    const probe = join(this.#project.root, 'clock', 'tick');
    mkdirSync(dirname(probe), { recursive: true });
    const tick = () => {
      writeFileSync(probe, '');
      return lstatSync(probe, { bigint: true }).ctimeNs;
    };
    const now = tick();
    while (tick() === now);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#project[Symbol.asyncDispose]();
  }
}

type Stage = {
  readonly world: World;
  readonly orders: Orders;
  readonly effects: Map<string, string>;
  /** False when the run is being interrupted: then the command leaves half of its outputs. */
  readonly begin: (step: string) => boolean;
};

const partOf = (stage: Stage) => (step: ModelStep) => (held: HeldStep) => {
  const asked = held.attempt.command.at(-1) ?? '';
  if (asked === PROBE) held.print(`${stage.world.token}\n`);
  const code =
    asked === PROBE ? 0 : asked === CHECK ? check(stage, step, held) : act(stage, step, held);
  held.exit(code);
};

function check({ world, effects }: Stage, step: ModelStep, held: HeldStep): number {
  const wanted = contentsOf(step, seenBy(step, held, commandText(step), world));
  return effects.get(step.name) === JSON.stringify(wanted) ? 0 : 1;
}

function act({ world, orders, effects, begin }: Stage, step: ModelStep, held: HeldStep): number {
  const isComing = begin(step.name);
  const result = contentsOf(step, seenBy(step, held, held.attempt.command.at(-1) ?? '', world));
  if (!isComing) {
    for (const port of Object.keys(result)) held.write(`out/${port}`, 'half');
    return 0;
  }
  for (const [port, content] of Object.entries(result)) held.write(`out/${port}`, content);
  if (orders.failing.has(step.name)) return 1;
  if (step.kind === 'effect') effects.set(step.name, JSON.stringify(result));
  return 0;
}

/** What lies in the working directory and stands in the environment, and nothing else. */
function seenBy(step: ModelStep, { attempt }: HeldStep, command: string, world: World): Seen {
  const { env, workdir } = attempt;
  return {
    command,
    param: env['SLUICE_PARAM_VALUE'] ?? '',
    colour: env['COLOUR'],
    // An old value would make another result than the oracle's.
    isTrusted: env['SECRET'] === world.secret,
    token: step.kind === 'source' ? world.token : undefined,
    inputs: step.takes.map((_, index) =>
      readFileSync(join(workdir, env[`SLUICE_IN_I${index}`] ?? ''), 'utf8'),
    ),
  };
}
