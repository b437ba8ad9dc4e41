import { expect, test } from 'vitest';
import { type StepId, stepId } from '../schema/id.ts';
import { Schedule, type Task } from './schedule.ts';
import { planOf, type StepSketch } from './testing/plan-of.ts';

const MACHINE = { cpus: 3, memoryBytes: 2 ** 30, gpus: 0 };

const tasksOf = (schedule: Schedule, kind: Task['kind']) =>
  schedule.begin().flatMap(task => (task.kind === kind ? [task.step] : []));

test('of two steps that may execute, the one on the longer way goes first', () => {
  const { steps } = planOf({ short: {}, long: {}, after: { needs: ['long'] } });
  const schedule = new Schedule(steps, {
    limits: { machine: { ...MACHINE, cpus: 1 }, parallel: undefined, pools: {} },
    keepGoing: false,
    judges: 10,
    onSkipped: () => undefined,
    onReopened: () => undefined,
  });
  expect(tasksOf(schedule, 'judge')).toEqual(['long', 'short']);
  schedule.mustExecute(stepId('short'));
  schedule.mustExecute(stepId('long'));
  expect(tasksOf(schedule, 'execute')).toEqual(['long']);
});

/** Steps without needs, all judged and waiting for the machine. */
function queued(count: number, limits: { readonly cpus: number; readonly parallel?: number }) {
  const names = Array.from({ length: count }, (_, index) => `s${index}`);
  const schedule = new Schedule(planOf(Object.fromEntries(names.map(name => [name, {}]))).steps, {
    limits: {
      machine: { ...MACHINE, cpus: limits.cpus },
      parallel: limits.parallel,
      pools: {},
    },
    keepGoing: false,
    judges: count,
    onSkipped: () => undefined,
    onReopened: () => undefined,
  });
  for (const step of tasksOf(schedule, 'judge')) schedule.mustExecute(step);
  return schedule;
}

test('a step whose process has ended makes room for the next while its result is taken in', () => {
  const schedule = queued(3, { cpus: 1 });
  expect(tasksOf(schedule, 'execute')).toEqual(['s0']);
  schedule.leaveMachine(stepId('s0'));
  expect(tasksOf(schedule, 'execute')).toEqual(['s1']);
  schedule.leaveMachine(stepId('s0'));
  schedule.finish(stepId('s0'), { kind: 'succeeded' });
  expect(tasksOf(schedule, 'execute')).toEqual([]);
  schedule.finish(stepId('s1'), { kind: 'succeeded' });
  expect(tasksOf(schedule, 'execute')).toEqual(['s2']);
});

test('one at a time means one at a time, its result included', () => {
  const schedule = queued(2, { cpus: 4, parallel: 1 });
  expect(tasksOf(schedule, 'execute')).toEqual(['s0']);
  schedule.leaveMachine(stepId('s0'));
  expect(tasksOf(schedule, 'execute')).toEqual([]);
});

test('results that wait to be taken in do not pile up without end', () => {
  const schedule = queued(100, { cpus: 1 });
  let begun = 0;
  for (;;) {
    const [step] = tasksOf(schedule, 'execute');
    if (step === undefined) break;
    begun += 1;
    schedule.leaveMachine(step);
  }
  expect(begun).toBeLessThan(20);
});

test('ten thousand steps in one chain are scheduled without recursion', () => {
  const sketches: Record<string, StepSketch> = {};
  for (let at = 0; at < 10_000; at += 1) {
    sketches[`s${at}`] = at === 0 ? {} : { needs: [`s${at - 1}`] };
  }
  const skipped: StepId[] = [];
  const schedule = new Schedule(planOf(sketches).steps, {
    limits: { machine: MACHINE, parallel: undefined, pools: {} },
    keepGoing: true,
    judges: 2,
    onSkipped: step => skipped.push(step),
    onReopened: () => undefined,
  });
  const [first] = tasksOf(schedule, 'judge');
  const failure = { class: 'out-of-memory' } as const;
  schedule.finish(first ?? stepId(''), { kind: 'failed', failure });
  expect(skipped).toHaveLength(9_999);
  expect(schedule.ended).toBe(true);
});
