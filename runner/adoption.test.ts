import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type CacheKey, stepId } from '../schema/id.ts';
import type { Plan } from '../schema/plan.ts';
import type { Clock } from './clock.ts';
import type { Attempt, Executor, Orphan, Termination } from './executors/executor.ts';
import { type Stamps, stampTrees } from './laid-out.ts';
import { writeRecord } from './strays.ts';
import { planOf, type StepSketch } from './testing/plan-of.ts';
import { TempProject } from './testing/temp-project.ts';

const STARTED_AT = Date.UTC(2026, 0, 1);

/** What runs of a project find that earlier ones have left running, and what they do with it. */
class Found {
  readonly project = TempProject.create();
  readonly attempts: Attempt[] = [];
  readonly ended: string[] = [];
  readonly #orphans: Orphan[] = [];

  /** Its key, as a run that does not get far with it tells. */
  async keyOf(plan: Plan): Promise<CacheKey> {
    let key = '';
    const execute = async ({ labels }: Attempt): Promise<Termination> => {
      key = labels?.['key'] ?? '';
      return { kind: 'exited', code: 1 };
    };
    await (await this.project.start(plan, { name: 'process', execute })).summary;
    return key as CacheKey;
  }

  /** A step of a dead run still runs. */
  leave(id: string, step: string, key: CacheKey, stamps: Stamps = []): void {
    const run = `dead-${id}`;
    const workdir = join(this.project.home, 'work', run, '1');
    mkdirSync(workdir, { recursive: true });
    writeRecord(workdir, { step: stepId(step), key, stamps });
    this.#orphans.push({
      labels: { run, workdir, key },
      handle: { id, startedAt: new Date(STARTED_AT), devices: [] },
      end: async () => {
        this.ended.push(id);
        return true;
      },
    });
  }

  /** The end of what was gone on with; whatever begins anew ends well. */
  executor(end: Termination = { kind: 'exited', code: 0 }): Executor {
    return {
      name: 'process',
      orphans: async (_, isDead) => {
        for (const { labels } of this.#orphans) await isDead(labels['run'] ?? '');
        return this.#orphans;
      },
      execute: async attempt => {
        this.attempts.push(attempt);
        return attempt.adopts === undefined ? { kind: 'exited', code: 0 } : end;
      },
    };
  }

  adopted(): readonly (string | undefined)[] {
    return this.attempts.map(({ adopts }) => adopts?.id);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.project[Symbol.asyncDispose]();
  }
}

const other = 'f'.repeat(64) as CacheKey;

test('of several that work on one step the one with its key goes on, the others end', async () => {
  await using found = new Found();
  const plan = planOf({ train: {} });
  const key = await found.keyOf(plan);
  found.leave('wanted', 'train', key);
  found.leave('other', 'train', other);
  const run = await found.project.start(plan, found.executor());
  expect(await run.outcomes()).toEqual({ train: 'succeeded' });
  expect(found.adopted()).toEqual(['wanted']);
  expect(found.ended).toEqual(['other']);
});

test('what goes on keeps the folders that were built for it, and nothing else that its run has left', async () => {
  await using found = new Found();
  const plan = planOf({ train: {} });
  const key = await found.keyOf(plan);
  const work = join(found.project.home, 'work/dead-wanted');
  for (const name of ['tree-2/deep', 'tree-3']) mkdirSync(join(work, name), { recursive: true });
  found.leave('wanted', 'train', key, await stampTrees([join(work, 'tree-2')]));
  let seen: readonly string[] = [];
  const executor = found.executor();
  const looking: Executor = {
    ...executor,
    execute: (attempt, signal) => {
      seen = readdirSync(work).sort();
      return executor.execute(attempt, signal);
    },
  };
  expect(await (await found.project.start(plan, looking)).outcomes()).toEqual({
    train: 'succeeded',
  });
  expect(found.adopted()).toEqual(['wanted']);
  expect(seen).toEqual(['1', '1.json', 'tree-2']);
  expect(readdirSync(join(found.project.home, 'work'))).toEqual([]);
});

test('of several that work on a step whose key none has, all end', async () => {
  await using found = new Found();
  const plan = planOf({ train: {} });
  found.leave('one', 'train', other);
  found.leave('two', 'train', 'e'.repeat(64) as CacheKey);
  const run = await found.project.start(plan, found.executor());
  expect(await run.eventsOf('warning')).toMatchObject([{ code: 'orphans-ended' }]);
  expect(found.adopted()).toEqual([undefined]);
  expect(found.ended.sort()).toEqual(['one', 'two']);
});

test('all that works on a step that is not reached ends', async () => {
  await using found = new Found();
  const plan = planOf({ first: {}, train: { needs: ['first'] } });
  found.leave('one', 'train', other);
  found.leave('two', 'train', other);
  const fails: Executor = {
    ...found.executor(),
    execute: async () => ({ kind: 'exited', code: 1 }),
  };
  await (await found.project.start(plan, fails)).summary;
  expect(found.ended.sort()).toEqual(['one', 'two']);
});

test.each<[string, StepSketch]>([
  ['a step that is not cached', { cache: { enabled: false, salt: null } }],
  ['an effect', { kind: 'effect' }],
])('what a dead run has begun of %s ends, and it begins anew', async (_, sketch) => {
  await using found = new Found();
  const plan = planOf({ train: sketch });
  found.leave('stale', 'train', await found.keyOf(plan));
  await (await found.project.start(plan, found.executor())).summary;
  expect(found.adopted()).toEqual([undefined]);
  expect(found.ended).toEqual(['stale']);
});

test.each<[Termination, readonly (string | undefined)[], string]>([
  [{ kind: 'lost', message: 'another step has its GPUs now' }, ['found', undefined], 'succeeded'],
  [{ kind: 'not-started', message: 'no' }, ['found'], 'failed'],
])(
  'what could not be gone on with is ended before its folder goes: $kind',
  async (end, adopted, outcome) => {
    await using found = new Found();
    const plan = planOf({ train: {} });
    found.leave('found', 'train', await found.keyOf(plan));
    const run = await found.project.start(plan, found.executor(end));
    expect(await run.outcomes()).toEqual({ train: outcome });
    expect(found.adopted()).toEqual(adopted);
    expect(found.ended).toEqual(['found']);
  },
);

test('it is ended as well where the run is cancelled before anybody has got as far as to it', async () => {
  await using found = new Found();
  const plan = planOf({ train: {} });
  found.leave('found', 'train', await found.keyOf(plan));
  const abort = new AbortController();
  const executor: Executor = {
    ...found.executor(),
    execute: async () => {
      abort.abort();
      return { kind: 'cancelled' };
    },
  };
  const run = await found.project.start(plan, executor, { signal: abort.signal });
  expect(await run.outcomes()).toEqual({ train: 'cancelled' });
  expect(found.ended).toEqual(['found']);
});

test('what it took so far is part of its time', async () => {
  await using found = new Found();
  const plan = planOf({ train: { timeoutMs: 60_000 } });
  found.leave('found', 'train', await found.keyOf(plan));
  const now = () => STARTED_AT + 45_500;
  const clock: Clock = { now, elapsed: () => 0, sleep: () => Promise.resolve() };
  await (await found.project.start(plan, found.executor(), { clock })).summary;
  expect(found.attempts.map(({ timeoutMs }) => timeoutMs)).toEqual([14_500]);
});
