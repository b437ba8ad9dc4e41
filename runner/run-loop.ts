/**
 * Carries tasks from the schedule to judging and executing, and their ends back. Owns what is known
 * of each step during the run; unaware of how a verdict or a result comes about.
 */
import { canonicalJson } from '../schema/canonical-json.ts';
import type { Failure, Outcome, Reopening } from '../schema/event.ts';
import type { StepId } from '../schema/id.ts';
import type { PlanStep } from '../schema/plan.ts';
import { shownLogPath } from './attempt.ts';
import type { Limits } from './capacity.ts';
import type { Outputs, RunContext } from './context.ts';
import { type MissingSecret, MissingSecrets, missingText } from './missing-secrets.ts';
import { isSkipped } from './resolved-step.ts';
import { Schedule, type Task } from './schedule.ts';
import type { StepCommand } from './step-commands.ts';
import { executeStep, type Result, restore } from './step-execution.ts';
import { type JudgedStep, judgeStep } from './step-judging.ts';
import type { Attempted, Stop } from './stop.ts';

/** Steps judged at a time: enough to keep a disk busy. */
const JUDGES = 32;
/** How often a step is judged again because its inputs moved, or made again because bytes are lost. */
const PATIENCE = 3;

type Progress = {
  readonly step: PlanStep;
  judged?: JudgedStep;
  startedAt?: number;
  executed?: boolean;
  /** Ends its attempt alone; most steps are never told to. */
  ending?: AbortController | undefined;
  /** It executes whatever is known about it, until it has ended. */
  isForced?: boolean;
  /** Its attempt was ended so that it begins anew. */
  isAskedAgain?: boolean;
  setbacks?: Map<StepId | 'moved', number> | undefined;
};

const endingOf = (progress: Progress): AbortController => {
  progress.ending ??= new AbortController();
  return progress.ending;
};

export class RunLoop {
  readonly #context: RunContext;
  readonly #limits: Limits;
  readonly #progress: ReadonlyMap<StepId, Progress>;
  readonly #outcomes = new Map<StepId, Outcome>();
  readonly #schedule: Schedule;
  readonly #secrets: MissingSecrets;
  #ended: (() => void) | undefined;
  #broken: ((bug: unknown) => void) | undefined;

  constructor(
    steps: readonly PlanStep[],
    context: RunContext,
    options: { readonly limits: Limits; readonly keepGoing: boolean },
  ) {
    this.#context = context;
    this.#limits = options.limits;
    this.#secrets = new MissingSecrets(steps, context.secrets);
    this.#progress = new Map(steps.map(step => [step.id, { step }]));
    this.#schedule = new Schedule(steps, {
      ...options,
      judges: JUDGES,
      onSkipped: (step, outcome) => this.#report(this.#of(step), outcome, {}),
      onReopened: (step, because) => this.#reopen(this.#of(step), because),
    });
  }

  /** Settles when every step has its outcome. */
  async run(): Promise<ReadonlyMap<StepId, Outcome>> {
    const { signal, kill, finishUp } = this.#context;
    const ends = [signal, kill, ...(finishUp === undefined ? [] : [finishUp])];
    const stop = () => {
      this.#schedule.stop();
      this.#pump();
    };
    const ended = new Promise<void>((resolve, reject) => {
      this.#ended = resolve;
      this.#broken = reject;
    });
    for (const end of ends) end.addEventListener('abort', stop);
    if (ends.some(({ aborted }) => aborted)) this.#schedule.stop();
    this.#context.commands?.follow(this.#obey);
    this.#pump();
    await ended;
    this.#context.commands?.follow(undefined);
    for (const end of ends) end.removeEventListener('abort', stop);
    return this.#outcomes;
  }

  #obey = ({ kind, step }: StepCommand): void => {
    const progress = this.#of(step);
    const isRunning = this.#schedule.stateOf(step).kind === 'running';
    if (kind === 'rerun' && !isRunning) this.#schedule.takeUp(step);
    else {
      progress.isAskedAgain = kind === 'rerun';
      endingOf(progress).abort();
    }
    this.#pump();
  };

  #reopen(progress: Progress, because: Reopening): void {
    const { step } = progress;
    if (because === 'asked') {
      progress.isForced = true;
      delete progress.setbacks;
    }
    delete progress.ending;
    delete progress.startedAt;
    this.#context.emit({ type: 'step-reopened', step: step.id, because });
  }

  #pump(): void {
    for (const task of this.#schedule.begin()) {
      this.#perform(task).then(
        () => this.#pump(),
        (bug: unknown) => this.#broken?.(bug),
      );
    }
    if (this.#schedule.ended) this.#ended?.();
  }

  async #perform(task: Task): Promise<void> {
    const progress = this.#of(task.step);
    progress.startedAt ??= this.#context.clock.elapsed();
    if (task.kind === 'judge') await this.#judge(progress);
    else await this.#execute(progress);
    for (const { code, message } of this.#context.store.takeWarnings()) {
      this.#context.emit({ type: 'warning', step: null, code, message });
    }
  }

  async #judge(progress: Progress): Promise<void> {
    const { step } = progress;
    const { isForced } = progress;
    const context = isForced ? { ...this.#context, force: new Set([step.id]) } : this.#context;
    const judged = await judgeStep(step, this.#limits, context);
    if (!judged.ok) return this.#stopped(progress, judged.stop);
    if (isSkipped(judged.value)) return this.#finish(progress, judged.value, {});
    progress.judged = judged.value;
    const { key, verdict } = judged.value;
    const because = verdict.kind === 'execute' ? verdict.because : null;
    this.#context.emit({ type: 'step-judged', step: step.id, key, verdict: verdict.kind, because });
    if (verdict.kind === 'execute') {
      for (const missing of this.#secrets.before(step.id, id => this.#outcomes.has(id)))
        this.#warnOf(missing);
      return this.#schedule.mustExecute(step.id);
    }
    this.#context.later(this.#context.strays.drop(step.id));
    if (verdict.kind === 'restore') {
      return this.#take(progress, await restore(judged.value, verdict.trace, this.#context));
    }
    const { made, outputs } = verdict.trace;
    this.#finish(progress, { kind: 'up-to-date', madeBy: made.run }, outputs);
  }

  #warnOf(missing: MissingSecret): void {
    const message = missingText(missing);
    this.#context.emit({ type: 'warning', step: null, code: 'missing-secret', message });
  }

  async #execute(progress: Progress): Promise<void> {
    const { judged } = progress;
    if (judged === undefined) throw new Error(`bug: ${progress.step.id} was not judged`);
    progress.executed = true;
    progress.startedAt = this.#context.clock.elapsed();
    const signal = AbortSignal.any([this.#context.signal, endingOf(progress).signal]);
    const leave = () => {
      this.#schedule.leaveMachine(progress.step.id);
      this.#pump();
    };
    this.#take(progress, await executeStep(judged, { ...this.#context, signal }, leave));
  }

  #take(progress: Progress, result: Attempted<Result>): void {
    if (result.ok) this.#finish(progress, result.value.outcome, result.value.outputs);
    else this.#stopped(progress, result.stop);
  }

  #stopped(progress: Progress, stop: Stop): void {
    switch (stop.kind) {
      case 'cancelled':
        this.#finish(progress, { kind: 'cancelled' }, {});
        break;
      case 'failed':
        this.#fail(progress, stop.failure);
        break;
      default:
        this.#setBack(progress, stop);
    }
  }

  #setBack(progress: Progress, stop: Extract<Stop, { kind: 'moved' | 'damaged' }>): void {
    const producers = stop.kind === 'damaged' ? stop.producers : [];
    progress.setbacks ??= new Map();
    // Each lost need is a setback of its own: a step may have many, and lose all of them.
    for (const cause of stop.kind === 'damaged' ? producers : ['moved' as const]) {
      const setbacks = 1 + (progress.setbacks.get(cause) ?? 0);
      progress.setbacks.set(cause, setbacks);
      if (setbacks <= PATIENCE) continue;
      this.#fail(progress, stop.failure);
      return;
    }
    for (const producer of producers) this.#context.bytesNeeded.add(producer);
    const { id } = progress.step;
    const goesOn =
      stop.kind === 'moved' ? this.#schedule.judgeAgain(id) : this.#schedule.remake(id, producers);
    if (!goesOn) this.#finish(progress, { kind: 'cancelled' }, {});
  }

  #fail(progress: Progress, failure: Failure): void {
    this.#finish(progress, { kind: 'failed', failure }, {});
  }

  /** The report comes before the schedule draws its consequences, so that events are in order. */
  #finish(progress: Progress, outcome: Outcome, outputs: Outputs): void {
    const { id } = progress.step;
    const isAskedAgain = progress.isAskedAgain === true;
    progress.isAskedAgain = false;
    if (isAskedAgain && this.#schedule.takeUp(id)) return;
    const isGood = outcome.kind !== 'failed' && outcome.kind !== 'cancelled';
    if (isGood && this.#schedule.isOutdated(id) && this.#schedule.judgeAgain(id)) return;
    const before = this.#context.outputs.get(id);
    if (isGood) this.#context.outputs.set(id, outputs);
    if (isGood && progress.judged !== undefined) {
      this.#context.latest.remember(id, progress.judged.key);
    }
    progress.isForced = false;
    this.#report(progress, outcome, outputs);
    this.#schedule.finish(id, outcome);
    const isOther = before !== undefined && canonicalJson(before) !== canonicalJson(outputs);
    if (isGood && isOther) this.#schedule.judgeConsumersAgain(id);
  }

  #report(progress: Progress, outcome: Outcome, outputs: Outputs): void {
    const { step, judged, startedAt } = progress;
    const { clock, emit } = this.#context;
    this.#outcomes.set(step.id, outcome);
    emit({
      type: 'step-finished',
      step: step.id,
      outcome,
      key: judged?.key ?? null,
      durationMs: startedAt === undefined ? 0 : Math.round(clock.elapsed() - startedAt),
      outputs,
      log: progress.executed === true ? shownLogPath(step.id, this.#context) : null,
    });
  }

  #of(step: StepId): Progress {
    const progress = this.#progress.get(step);
    if (progress === undefined) throw new Error(`bug: no step ${step} in this run`);
    return progress;
  }
}
