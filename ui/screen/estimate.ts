/**
 * How long things will still take: of a running step by its own progress, else by the last time; of
 * the whole run by the longest chain of what is left. Pure; a guess is never shown as knowledge.
 */
import type { StepId } from '../../schema/id.ts';
import type { RunningStep, RunState } from '../run-state.ts';
import { endedSteps } from './rows.ts';

export type Estimates = ReadonlyMap<StepId, number>;

/** Less progress than this says nothing about speed. */
const TELLING = 0.03;

/** Share done, from 0 to 1; `isGuess` when it comes from the last time, not from the step. */
export function shareOf(
  { since, progress, estimateMs }: RunningStep,
  now: number,
): { readonly share: number; readonly isGuess: boolean } | undefined {
  if (progress !== undefined) return { share: progress, isGuess: false };
  if (since === undefined || estimateMs === null || estimateMs <= 0) return undefined;
  // A screen's clock may lag behind an event by a moment.
  const share = Math.max(0, now - since) / estimateMs;
  return { share: Math.min(0.99, share), isGuess: true };
}

/** Undefined when nothing is known. Zero: it takes longer than the last time. */
export function remainingMs(step: RunningStep, now: number): number | undefined {
  const { since, progress, estimateMs } = step;
  if (since === undefined) return estimateMs ?? undefined;
  const elapsed = now - since;
  if (progress !== undefined && progress >= TELLING) return (elapsed * (1 - progress)) / progress;
  return estimateMs === null ? undefined : Math.max(0, estimateMs - elapsed);
}

/** Undefined as soon as one of the steps that are left has no history. */
export function runRemainingMs(
  state: RunState,
  now: number,
  history: Estimates,
): number | undefined {
  const finished = endedSteps(state);
  const ends = new Map<StepId, number>();
  let latest = 0;
  for (const { id, needs } of state.steps) {
    if (finished.has(id)) continue;
    const running = state.running.get(id);
    const known = running === undefined ? undefined : remainingMs(running, now);
    const takes = known ?? history.get(id);
    if (takes === undefined) return undefined;
    const begins = Math.max(0, ...needs.map(need => ends.get(need) ?? 0));
    ends.set(id, begins + takes);
    latest = Math.max(latest, begins + takes);
  }
  return latest;
}
