/** Events of a run as tests write them: only what matters is said, the rest is filled in. */

import { usageOf } from '../../runner/testing/usage-samples.ts';
import type {
  Hint,
  Outcome,
  Reason,
  Reopening,
  RunEvent,
  Stamped,
  Usage,
} from '../../schema/event.ts';
import { cacheKeyOf, parseRunId, type RunId, sha256, stepId } from '../../schema/id.ts';
import { initial, type RunState, reduce } from '../../ui/run-state.ts';

const known = parseRunId('20261121-085118-k3f9');
if (known === undefined) throw new Error('bug: not a run id');
export const RUN: RunId = known;

const key = cacheKeyOf(sha256('key'));

/** `{ train: ['split'] }`: each step with what it needs, in the order of the plan. */
export const started = (steps: Readonly<Record<string, readonly string[]>>): RunEvent => ({
  type: 'run-started',
  format: 1,
  run: RUN,
  pipeline: 'p',
  startedAt: '2026-11-21T08:51:18.000Z',
  executor: 'process',
  params: {},
  steps: Object.entries(steps).map(([id, needs]) => ({ id: stepId(id), needs: needs.map(stepId) })),
});

export const judged = (step: string, because: Reason = { kind: 'never-run' }): RunEvent => ({
  type: 'step-judged',
  step: stepId(step),
  key,
  verdict: 'execute',
  because,
});

export const begun = (
  step: string,
  { attempt = 1, estimateMs = null }: { attempt?: number; estimateMs?: number | null } = {},
): RunEvent => ({
  type: 'step-started',
  step: stepId(step),
  attempt,
  executor: 'process',
  cpus: 1,
  pid: 7,
  estimateMs,
});

export const printed = (step: string, text: string): RunEvent => ({
  type: 'step-output',
  step: stepId(step),
  stream: 'stdout',
  text,
});

export const progressed = (
  step: string,
  progress: number,
  message: string | null = null,
): RunEvent => ({ type: 'step-progress', step: stepId(step), progress, message });

export const measured = (step: string, values: Readonly<Record<string, number>>): RunEvent => ({
  type: 'step-metric',
  step: stepId(step),
  values,
  index: null,
});

export const used = (step: string, changes: Partial<Usage> = {}): RunEvent => ({
  type: 'step-usage',
  step: stepId(step),
  ...usageOf(changes),
});

export const hinted = (step: string, hint: Hint): RunEvent => ({
  type: 'step-hint',
  step: stepId(step),
  hint,
});

export const retried = (step: string): RunEvent => ({
  type: 'step-retried',
  step: stepId(step),
  attempt: 1,
  failure: { class: 'lost', message: 'the node went away' },
  waitMs: 1_000,
});

export const reopened = (step: string, because: Reopening = 'asked'): RunEvent => ({
  type: 'step-reopened',
  step: stepId(step),
  because,
});

export const ended = (
  step: string,
  outcome: Outcome = { kind: 'succeeded' },
  durationMs = 6_340,
): RunEvent => ({
  type: 'step-finished',
  step: stepId(step),
  outcome,
  key,
  durationMs,
  outputs: {},
  log: outcome.kind === 'failed' ? `.sluice/runs/${RUN}/logs/${step}.log` : null,
});

export const failed = (step: string, code = 1): RunEvent =>
  ended(step, { kind: 'failed', failure: { class: 'exit', code, hint: null } });

export const over = (
  result: 'succeeded' | 'failed' | 'cancelled' = 'succeeded',
  durationMs = 9_000,
): RunEvent => ({
  type: 'run-finished',
  result,
  durationMs,
  counts: { succeeded: 0, 'up-to-date': 0, restored: 0, failed: 0, cancelled: 0, skipped: 0 },
});

/** As emitted: one second between any two, or at the times that are given. */
export const stamped = (
  events: readonly RunEvent[],
  times: readonly number[] = [],
): readonly Stamped[] =>
  events.map((event, seq) => ({ ...event, seq, at: times[seq] ?? seq * 1_000 }));

export const stateAfter = (events: readonly RunEvent[], times: readonly number[] = []): RunState =>
  stamped(events, times).reduce(reduce, initial);
