import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Outcome } from '../schema/event.ts';
import type { StepId } from '../schema/id.ts';
import type { PlanStep } from '../schema/plan.ts';
import { Schedule, type Task } from './schedule.ts';
import { planOf, type StepSketch } from './testing/plan-of.ts';

const MACHINE = { cpus: 3, memoryBytes: 2 ** 30, gpus: 0 };

const dag: fc.Arbitrary<readonly PlanStep[]> = fc
  .array(
    fc.record({
      needs: fc.array(fc.nat(1000), { maxLength: 4 }),
      cpus: fc.constantFrom(0.5, 1, 2, 3),
      pooled: fc.boolean(),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map(drafts => {
    const sketches: Record<string, StepSketch> = {};
    for (const [index, { needs, cpus, pooled }] of drafts.entries()) {
      const before = index === 0 ? [] : [...new Set(needs.map(need => `s${need % index}`))];
      sketches[`s${index}`] = { needs: before, cpus, ...(pooled && { pool: 'licence' }) };
    }
    return planOf(sketches).steps;
  });

type Choice =
  | 'hit'
  | 'succeed'
  | 'fail'
  | 'judge-again'
  | 'remake-a-need'
  | 'leave'
  | 'cancel'
  | 'rerun'
  | 'rerun-an-ended';
const choices = fc.infiniteStream(
  fc.record({
    pick: fc.nat(),
    choice: fc.constantFrom<Choice>(
      'hit',
      'succeed',
      'succeed',
      'fail',
      'judge-again',
      'remake-a-need',
      'leave',
      'cancel',
      'rerun',
      'rerun-an-ended',
    ),
  }),
);

const hit: Outcome = { kind: 'succeeded' };
const failure: Outcome = { kind: 'failed', failure: { class: 'out-of-memory' } };

/** `inPlace`: those of them that have not left the machine. */
type Observer = (executing: readonly PlanStep[], inPlace: readonly PlanStep[]) => void;

/** Plays a run by random choices; `observe` sees what is executing after each beginning. */
class Play {
  readonly outcomes = new Map<StepId, Outcome>();
  readonly #steps: ReadonlyMap<StepId, PlanStep>;
  readonly #schedule: Schedule;
  readonly #open: Task[] = [];
  readonly #left = new Set<StepId>();
  #setbacks = 0;

  constructor(steps: readonly PlanStep[], keepGoing: boolean) {
    this.#steps = new Map(steps.map(step => [step.id, step]));
    this.#schedule = new Schedule(steps, {
      limits: { machine: MACHINE, parallel: undefined, pools: { licence: 1 } },
      keepGoing,
      judges: 2,
      onSkipped: (step, outcome) => this.#settle(step, outcome),
      onReopened: step => {
        expect(this.outcomes.has(step) || this.#open.every(task => task.step !== step)).toBe(true);
        this.outcomes.delete(step);
      },
    });
  }

  run(stream: Iterator<{ pick: number; choice: Choice }>, observe: Observer): this {
    for (let beats = 0; !this.#schedule.ended; beats += 1) {
      if (beats > 2000) throw new Error('the schedule does not come to an end');
      for (const task of this.#schedule.begin()) this.#begin(task);
      const executing = this.#open.filter(({ kind }) => kind === 'execute');
      const steps = executing.flatMap(({ step }) => this.#steps.get(step) ?? []);
      observe(
        steps,
        steps.filter(({ id }) => !this.#left.has(id)),
      );
      const { pick, choice } = stream.next().value;
      if (choice === 'rerun-an-ended') {
        this.#rerunAnEnded(pick);
        continue;
      }
      const [task] = this.#open.splice(pick % this.#open.length, 1);
      if (task === undefined) throw new Error('nothing runs, and the run has not ended');
      this.#end(task, choice);
    }
    return this;
  }

  #begin(task: Task): void {
    for (const need of this.#needs(task.step)) {
      expect(this.#schedule.stateOf(need).kind).toBe('finished');
    }
    this.#open.push(task);
  }

  #end(task: Task, choice: Choice): void {
    const { step, kind } = task;
    if (choice === 'leave' && kind === 'execute' && !this.#left.has(step)) {
      this.#schedule.leaveMachine(step);
      this.#left.add(step);
      this.#open.push(task);
      return;
    }
    this.#left.delete(step);
    if (choice === 'cancel') this.#finish(step, { kind: 'cancelled' });
    else if (choice === 'fail') this.#finish(step, failure);
    else if (this.#isSetBack(step, choice)) this.#setbacks += 1;
    else if (kind === 'execute' || choice === 'hit') this.#finish(step, hit);
    else this.#schedule.mustExecute(step);
  }

  #isSetBack(step: StepId, choice: Choice): boolean {
    if (this.#setbacks >= 20) return false;
    if (choice === 'rerun') return this.#schedule.takeUp(step);
    if (choice === 'judge-again') return this.#schedule.judgeAgain(step);
    const need = this.#needs(step).find(id => this.outcomes.get(id)?.kind === 'succeeded');
    if (choice !== 'remake-a-need' || need === undefined) return false;
    return this.#schedule.remake(step, [need]);
  }

  /** A person asks for one that has ended, whatever way it did. */
  #rerunAnEnded(pick: number): void {
    if (this.#setbacks >= 20) return;
    const ended = [...this.outcomes.keys()];
    const step = ended[pick % ended.length];
    if (step !== undefined && this.#schedule.takeUp(step)) this.#setbacks += 1;
  }

  #finish(step: StepId, outcome: Outcome): void {
    this.#settle(step, outcome);
    this.#schedule.finish(step, outcome);
  }

  #settle(step: StepId, outcome: Outcome): void {
    expect(this.outcomes.has(step), `${step} ends twice`).toBe(false);
    this.outcomes.set(step, outcome);
  }

  #needs(step: StepId): readonly StepId[] {
    return this.#steps.get(step)?.needs ?? [];
  }
}

const play = (
  steps: readonly PlanStep[],
  stream: Iterator<{ pick: number; choice: Choice }>,
  keepGoing: boolean,
  observe: Observer = () => undefined,
): ReadonlyMap<StepId, Outcome> => new Play(steps, keepGoing).run(stream, observe).outcomes;

test('every step reaches an outcome, and none begins before its needs have ended', () => {
  fc.assert(
    fc.property(dag, choices, fc.boolean(), (steps, stream, keepGoing) => {
      const outcomes = play(steps, stream, keepGoing);
      expect([...outcomes.keys()].sort()).toEqual(steps.map(({ id }) => id).sort());
    }),
    { numRuns: 300 },
  );
});

test('what executes at a time fits into the machine and its pools', () => {
  fc.assert(
    fc.property(dag, choices, (steps, stream) => {
      play(steps, stream, true, (executing, inPlace) => {
        const cpus = inPlace.reduce((sum, { policy }) => sum + policy.resources.cpus, 0);
        expect(cpus).toBeLessThanOrEqual(MACHINE.cpus);
        const pooled = executing.filter(({ policy }) => policy.pool === 'licence').length;
        expect(pooled).toBeLessThanOrEqual(1);
      });
    }),
    { numRuns: 300 },
  );
});

const withoutFailures = choices.map(stream =>
  stream.map(turn => (turn.choice === 'fail' ? { ...turn, choice: 'cancel' as const } : turn)),
);

test.each([
  { where: 'with keep-going', keepGoing: true, streams: choices },
  { where: 'where steps are cancelled and none fails', keepGoing: false, streams: withoutFailures },
])(
  '$where a step is skipped only for a need that has nothing to give',
  ({ keepGoing, streams }) => {
    fc.assert(
      fc.property(dag, streams, (steps, stream) => {
        const outcomes = play(steps, stream, keepGoing);
        for (const { id, needs } of steps) {
          const isSkipped = outcomes.get(id)?.kind === 'skipped';
          const bad = needs.some(need => outcomes.get(need)?.kind !== 'succeeded');
          if (isSkipped) expect(bad).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  },
);
