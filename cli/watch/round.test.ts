/** How a round gives way to the next one, with a runner whose steps the test holds. */
import { expect, test } from 'vitest';
import { systemClock } from '../../runner/clock.ts';
import { StepCommands } from '../../runner/step-commands.ts';
import { heldExecutor } from '../../runner/testing/held-executor.ts';
import { planOf } from '../../runner/testing/plan-of.ts';
import { TempProject } from '../../runner/testing/temp-project.ts';
import type { RunEvent, Stamped } from '../../schema/event.ts';
import { runId, stepId } from '../../schema/id.ts';
import type { Store } from '../../store/store.ts';
import { Round } from './round.ts';

const plan = planOf({
  long: { out: { x: 'file' } },
  stale: { out: { x: 'file' } },
});

const executor = () => heldExecutor();

function roundOf(
  project: TempProject,
  store: Store,
  held: ReturnType<typeof executor>,
  id: string,
) {
  const read: Stamped<RunEvent>[] = [];
  let hasEnded = false;
  const round = new Round({
    request: {
      plan,
      project: project.root,
      home: project.home,
      libraryFolder: project.root,
      store,
      executor: held,
      signal: new AbortController().signal,
      kill: new AbortController().signal,
      parallel: undefined,
      machine: { cpus: 4, memoryBytes: 2 ** 33, gpus: 0 },
      pools: {},
      keepGoing: false,
      force: undefined,
      only: undefined,
      environment: {},
      commit: undefined,
      run: runId(new Date(Date.UTC(2026, 0, 1)), id),
      clock: systemClock,
    },
    reader: {
      read: event => read.push(event),
      announce: () => {},
      end: async () => {
        hasEnded = true;
      },
    },
    commands: new StepCommands(),
    onEvent: () => {},
  });
  const outcomes = async () => {
    const entries = [...(await round.ended).outcomes];
    return Object.fromEntries(entries.map(([step, { kind }]) => [step, kind]));
  };
  return { round, read, outcomes, hasEnded: () => hasEnded };
}

test('stale steps are ended, the reader is let go, and what holds goes on unseen', async () => {
  await using project = TempProject.create();
  const held = executor();
  const store = await project.store();
  const first = roundOf(project, store, held, 'aaaa');
  const steps = [await held.next(), await held.next()];
  const long = steps.find(({ step }) => step === 'long');
  await first.round.giveWay(new Set([stepId('stale')]));
  expect(first.hasEnded()).toBe(true);
  expect(held.running()).toEqual(['long']);
  const heard = first.read.length;

  const second = roundOf(project, store, held, 'bbbb');
  const again = await held.next();
  expect(again.step).toBe('stale');
  for (const [step, start] of first.round.executing()) {
    expect(step).toBe('long');
    second.round.adopt(start, first.round);
  }
  const adopted = second.read.find(event => event.type === 'step-started' && event.step === 'long');
  expect(adopted?.at, 'it began before this round').toBeLessThan(0);

  for (const step of [long, again]) {
    step?.write('out/x', 'made');
    step?.exit(0);
  }
  expect(await first.outcomes()).toEqual({ long: 'succeeded', stale: 'cancelled' });
  expect(await second.outcomes()).toEqual({ long: 'restored', stale: 'succeeded' });
  expect(first.read).toHaveLength(heard);
  expect(held.started.filter(step => step === 'long')).toHaveLength(1);
});

test('a step that only waits for an earlier round is given up at once', async () => {
  await using project = TempProject.create();
  const held = executor();
  const store = await project.store();
  const first = roundOf(project, store, held, 'aaaa');
  const steps = [await held.next(), await held.next()];
  await first.round.giveWay(new Set());
  const second = roundOf(project, store, held, 'bbbb');
  await second.round.giveWay(new Set());
  expect(held.running()).toEqual(['long', 'stale']);
  for (const step of steps) {
    step.write('out/x', 'made');
    step.exit(0);
  }
  expect(await first.outcomes()).toEqual({ long: 'succeeded', stale: 'succeeded' });
  expect((await second.round.ended).counts.succeeded).toBe(0);
});
