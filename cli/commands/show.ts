/** `sluice show <run>`: one run, step by step, with its parameters and outputs. */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readEvents } from '../../runner/history.ts';
import type { Outcome, RunEvent } from '../../schema/event.ts';
import type { RunId, StepId } from '../../schema/id.ts';
import { formatBytes, formatDuration } from '../../ui/duration.ts';
import { initial, type RunState, reduce } from '../../ui/run-state.ts';
import { renderTable } from '../../ui/table.ts';
import { describeFailure, outcomeWord, skipReason } from '../../ui/words.ts';
import { chooseRun } from '../chosen-run.ts';
import { type Define, examples, type Invocation } from '../command.ts';
import { jsonOption } from '../options.ts';
import { type Project, requireProject } from '../project.ts';
import { worldError } from '../usage.ts';

type Finished = Extract<RunEvent, { type: 'step-finished' }>;

export const define: Define = (program, invocation) => {
  program
    .command('show')
    .description('One run: parameters, steps, outputs.')
    .argument('[run]', 'an id, or its start or end; default: the latest')
    .option('--html <file>', 'the whole run as one page, to keep or to send; `-` prints it')
    .addOption(jsonOption())
    .addHelpText('after', examples('sluice show', 'sluice show k3f9 --html report.html'))
    .action(async (named, options) => {
      const { cwd, terminal, finish } = invocation();
      const project = requireProject(cwd);
      const { home } = project;
      const run = await chooseRun(home, named);
      if (options.html !== undefined) {
        await writeReport(project, run, { file: options.html, cwd, terminal });
        return finish(0);
      }
      let state: RunState = initial;
      let params: Readonly<Record<string, unknown>> = {};
      let startedAt = '';
      const ended = new Map<StepId, Finished>();
      for await (const event of readEvents(home, run)) {
        state = reduce(state, event);
        if (event.type === 'run-started') ({ params, startedAt } = event);
        // One whose bytes turned out to be gone ends twice: the last end is the one.
        if (event.type === 'step-finished') ended.set(event.step, event);
        if (event.type === 'step-started') ended.delete(event.step);
      }
      const finished = [...ended.values()];
      if (options.json) {
        const { pipeline, result, durationMs } = state;
        terminal.out(
          JSON.stringify(
            {
              format: 1,
              run,
              pipeline,
              startedAt,
              params,
              result: result ?? null,
              durationMs,
              steps: finished,
              running: result === undefined ? [...state.running.keys()] : [],
            },
            null,
            2,
          ),
        );
      } else {
        terminal.out(render(state, startedAt, params, finished));
      }
      finish(0);
    });
};

async function writeReport(
  project: Project,
  run: RunId,
  { file, cwd, terminal }: Pick<Invocation, 'cwd' | 'terminal'> & { readonly file: string },
): Promise<void> {
  const { runReport } = await import('../run-report.ts');
  const page = await runReport(project, run);
  if (file === '-') return terminal.out(page);
  try {
    await writeFile(resolve(cwd, file), page);
  } catch (error) {
    throw worldError(error instanceof Error ? error.message : String(error));
  }
  terminal.err(`${file}: run ${run}`);
}

function render(
  state: RunState,
  startedAt: string,
  params: Readonly<Record<string, unknown>>,
  finished: readonly Finished[],
): string {
  const time = state.result === undefined ? '' : ` in ${formatDuration(state.durationMs)}`;
  const facts = [
    ['run', state.run ?? ''],
    ['pipeline', state.pipeline],
    ['started', startedAt],
    ['result', `${state.result ?? 'unfinished'}${time}`],
    [
      'params',
      Object.entries(params)
        .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
        .join(' '),
    ],
  ];
  const steps = finished.map(({ step, outcome, durationMs, outputs }) => [
    step,
    outcomeWord(outcome),
    outcome.kind === 'succeeded' ? formatDuration(durationMs) : '',
    detail(outcome) ||
      Object.entries(outputs)
        .map(([port, { bytes }]) => `${port} ${formatBytes(bytes)}`)
        .join(', '),
  ]);
  const begun = state.result === undefined ? unfinished(state) : [];
  return `${renderTable(facts)}\n\n${renderTable([['step', 'outcome', 'took', ''], ...steps, ...begun])}`;
}

/** What had begun when the record ends: it runs now, or the run was killed. */
function unfinished({ running }: RunState): readonly (readonly string[])[] {
  return [...running].map(([step, { since, progress, message }]) => [
    step,
    since === undefined ? 'waiting' : 'running',
    '',
    [progress === undefined ? '' : `${Math.round(progress * 100)}%`, message ?? '']
      .filter(Boolean)
      .join(' '),
  ]);
}

function detail(outcome: Outcome): string {
  if (outcome.kind === 'skipped') return skipReason(outcome);
  if (outcome.kind === 'failed') return describeFailure(outcome.failure).what;
  if (outcome.kind === 'up-to-date' || outcome.kind === 'restored')
    return `from run ${outcome.madeBy}`;
  return '';
}
