/**
 * Gathers what a report of a recorded run is made of: its events, its plan, the logs of what failed,
 * and what hits measured in the runs that made them.
 */
import { join } from 'node:path';
import { logFile, readEvents, runFolder } from '../runner/history.ts';
import type { RunEvent, Stamped } from '../schema/event.ts';
import type { RunId, StepId } from '../schema/id.ts';
import { PLAN_FORMAT, type Plan } from '../schema/plan.ts';
import { readRegularText } from '../store/regular-file.ts';
import { logLines } from '../ui/log-text.ts';
import { type Report, reportPage } from '../ui/report/page.ts';
import { metricsOf, type RunRecord, recordOf } from '../ui/report/record.ts';
import type { Project } from './project.ts';

/** The page of one run. */
export async function runReport({ part }: Project, run: RunId): Promise<string> {
  const record = recordOf(await Array.fromAsync(readEvents(part, run)));
  return reportPage({
    run,
    record,
    plan: recordedPlan(part, run),
    logs: failedLogs(part, run, record),
    measured: await measuredEarlier(part, record),
  });
}

function recordedPlan(part: string, run: RunId): Plan | undefined {
  try {
    const plan = JSON.parse(readRegularText(join(runFolder(part, run), 'plan.json')) ?? '');
    return plan?.format === PLAN_FORMAT ? plan : undefined;
  } catch {
    return undefined; // Half a recording is better than none: the report does without the graph.
  }
}

const TAIL_LINES = 60;

function failedLogs(part: string, run: RunId, { steps }: RunRecord): Report['logs'] {
  const failed = steps.filter(({ outcome }) => outcome?.kind === 'failed');
  return new Map(failed.map(({ id }) => [id, tailOf(logFile(part, run, id))]));
}

/** Empty where it never printed, or its log has been cleared away. */
const tailOf = (path: string): readonly string[] =>
  logLines(readRegularText(path) ?? '').slice(-TAIL_LINES);

async function measuredEarlier(part: string, { steps }: RunRecord): Promise<Report['measured']> {
  const known = new Map<RunId, readonly Stamped<RunEvent>[]>();
  const measured = new Map<StepId, { run: RunId; metrics: ReturnType<typeof metricsOf> }>();
  for (const { id, outcome } of steps) {
    if (outcome === undefined || !('madeBy' in outcome)) continue;
    const run = outcome.madeBy;
    const events = known.get(run) ?? (await Array.fromAsync(readEvents(part, run)));
    known.set(run, events);
    measured.set(id, { run, metrics: metricsOf(events, id) });
  }
  return measured;
}
