/**
 * Which rows the screen has: what runs and what waits, in the order of the pipeline, instances of a
 * matrix folded into one. Pure; unaware of how a row looks and of how many fit.
 */
import type { StepId } from '../../schema/id.ts';
import type { FinishedStep, RunningStep, RunState } from '../run-state.ts';
import { stepName } from '../step-name.ts';

export type Row =
  | {
      readonly kind: 'running';
      readonly id: StepId;
      readonly step: RunningStep;
      readonly inner: boolean;
    }
  /** Judged, and waiting for a processor, a place in a pool, its next attempt, or another run. */
  | {
      readonly kind: 'ready';
      readonly id: StepId;
      readonly step: RunningStep;
      readonly inner: boolean;
    }
  | { readonly kind: 'waiting'; readonly id: StepId; readonly needs: readonly StepId[] }
  | { readonly kind: 'finished'; readonly id: StepId; readonly entry: FinishedStep }
  /** All instances of a matrix step. */
  | ({ readonly kind: 'group'; readonly name: string } & GroupCounts)
  | { readonly kind: 'more'; readonly waiting: number; readonly running: number };

export type GroupCounts = {
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  readonly running: number;
};

export const endedSteps = ({ finished }: RunState): ReadonlyMap<StepId, FinishedStep> =>
  new Map(finished.map(entry => [entry.step, entry]));

/** Every step on a row of its own, in the order of the pipeline: for choosing one. */
export function allRows(state: RunState): readonly Row[] {
  const finished = endedSteps(state);
  return state.steps.map(({ id, needs }) => rowOf(id, needs, state, finished, false));
}

/** What has not ended yet; the rest has moved into the scrollback. */
export function liveRows(state: RunState): readonly Row[] {
  const finished = endedSteps(state);
  const rows: Row[] = [];
  for (const [name, steps] of Map.groupBy(state.steps, ({ id }) => stepName(id))) {
    const open = steps.filter(({ id }) => !finished.has(id));
    if (open.length === 0) continue;
    const isGroup = steps.length > 1;
    if (isGroup)
      rows.push(
        groupRow(
          name,
          steps.map(({ id }) => id),
          state,
          finished,
        ),
      );
    for (const { id, needs } of open) {
      const row = rowOf(id, needs, state, finished, isGroup);
      const isTold = row.kind === 'running' || (row.kind === 'ready' && row.step.isElsewhere);
      if (!isGroup || isTold) rows.push(row);
    }
  }
  return rows;
}

function rowOf(
  id: StepId,
  needs: readonly StepId[],
  state: RunState,
  finished: ReadonlyMap<StepId, FinishedStep>,
  inner: boolean,
): Row {
  const entry = finished.get(id);
  if (entry !== undefined) return { kind: 'finished', id, entry };
  const step = state.running.get(id);
  if (step === undefined) {
    return { kind: 'waiting', id, needs: needs.filter(need => !finished.has(need)) };
  }
  return { kind: step.since === undefined ? 'ready' : 'running', id, step, inner };
}

function groupRow(
  name: string,
  ids: readonly StepId[],
  state: RunState,
  finished: ReadonlyMap<StepId, FinishedStep>,
): Row {
  const ended = ids.map(id => finished.get(id)).filter(entry => entry !== undefined);
  return {
    kind: 'group',
    name,
    total: ids.length,
    done: ended.length,
    failed: ended.filter(({ outcome }) => outcome.kind === 'failed').length,
    running: ids.filter(id => state.running.get(id)?.since !== undefined).length,
  };
}

/** What a step waits for, without what that itself waits for. */
export function nearestNeeds(needs: readonly StepId[], state: RunState): readonly StepId[] {
  const own = new Set(needs);
  const behind = new Set(state.steps.filter(({ id }) => own.has(id)).flatMap(step => step.needs));
  return needs.filter(need => !behind.has(need));
}

/** The rows that fit: what runs comes before what waits, and what is left out is counted. */
export function fitRows(rows: readonly Row[], room: number): readonly Row[] {
  if (rows.length <= room) return rows;
  if (room <= 0) return [];
  const isBusy = (row: Row) => row.kind === 'running' || row.kind === 'group';
  const busy = rows.filter(isBusy).slice(0, room - 1);
  const spare = room - 1 - busy.length;
  const idle = rows.filter(row => !isBusy(row)).slice(0, spare);
  const kept = new Set([...busy, ...idle]);
  const left = rows.filter(row => !kept.has(row));
  const running = left.filter(row => row.kind === 'running').length;
  const waiting = left.filter(row => row.kind !== 'running').length;
  return [...rows.filter(row => kept.has(row)), { kind: 'more', waiting, running }];
}

/** A window of rows around the chosen one. */
export function windowAround(rows: readonly Row[], chosen: number, room: number): readonly Row[] {
  const start = Math.min(
    Math.max(0, chosen - Math.floor(room / 2)),
    Math.max(0, rows.length - room),
  );
  return rows.slice(start, start + room);
}
