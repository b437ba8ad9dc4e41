/** `sluice show <run>`: one run, step by step, with its parameters and outputs. */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readEvents } from '../../runner/history.ts';
import type { Outcome, RunEvent } from '../../schema/event.ts';
import type { RunId, StepId } from '../../schema/id.ts';
import { formatBytes, formatDuration } from '../../ui/duration.ts';
import { type FinishedStep, initial, type RunState, reduce } from '../../ui/run-state.ts';
import { renderTable } from '../../ui/table.ts';
import { peakText } from '../../ui/usage.ts';
import {
  describeFailure,
  describeHint,
  outcomeWord,
  paramsText,
  ranBecause,
  sampleText,
  skipReason,
} from '../../ui/words.ts';
import { chooseRun } from '../chosen-run.ts';
import { type Define, examples, type Invocation } from '../command.ts';
import { jsonOption } from '../options.ts';
import { type Project, requireProject } from '../project.ts';
import type { Terminal } from '../terminal.ts';
import { writing } from '../usage.ts';

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
      const { part } = project;
      const run = chooseRun(part, named);
      if (options.html !== undefined) {
        await writeReport(project, run, { file: options.html, cwd, terminal });
        return finish(0);
      }
      const shown = await readRun(part, run);
      terminal.out(
        options.json ? JSON.stringify(asJson(run, shown), null, 2) : render(shown, terminal),
      );
      finish(0);
    });
};

type Shown = {
  readonly state: RunState;
  readonly params: Readonly<Record<string, unknown>>;
  readonly startedAt: string;
  readonly finished: readonly Finished[];
  /** Why each of them ran, what it used, and what was said about it. */
  readonly told: ReadonlyMap<StepId, Pick<FinishedStep, 'because' | 'peak' | 'hints'>>;
};

async function readRun(part: string, run: RunId): Promise<Shown> {
  let state: RunState = initial;
  let params: Readonly<Record<string, unknown>> = {};
  let startedAt = '';
  const ended = new Map<StepId, Finished>();
  for await (const event of readEvents(part, run)) {
    state = reduce(state, event);
    if (event.type === 'run-started') ({ params, startedAt } = event);
    if (event.type === 'step-finished') ended.set(event.step, event);
    if (event.type === 'step-reopened') ended.delete(event.step);
  }
  const told = new Map(state.finished.map(entry => [entry.step, entry]));
  return { state, params, startedAt, finished: [...ended.values()], told };
}

function asJson(run: RunId, { state, params, startedAt, finished, told }: Shown): object {
  const { pipeline, sample, result, durationMs } = state;
  return {
    format: 1,
    run,
    pipeline,
    startedAt,
    params,
    ...(sample !== undefined && { sample }),
    result: result ?? null,
    durationMs,
    steps: finished.map(event => {
      const { because = null, peak = null, hints = [] } = told.get(event.step) ?? {};
      return { ...event, because, peak, hints };
    }),
    running: result === undefined ? [...state.running.keys()] : [],
  };
}

async function writeReport(
  project: Project,
  run: RunId,
  { file, cwd, terminal }: Pick<Invocation, 'cwd' | 'terminal'> & { readonly file: string },
): Promise<void> {
  const { runReport } = await import('../run-report.ts');
  const page = await runReport(project, run);
  if (file === '-') return terminal.out(page);
  await writing(file, () => writeFile(resolve(cwd, file), page));
  terminal.err(`${file}: run ${run}`);
}

function render(shown: Shown, { columns }: Terminal): string {
  const { state, startedAt, params, finished, told } = shown;
  const time = state.result === undefined ? '' : ` in ${formatDuration(state.durationMs)}`;
  const facts = [
    ['run', state.run ?? ''],
    ['pipeline', state.pipeline],
    ...(state.sample === undefined ? [] : [['data', sampleText(state.sample)]]),
    ['started', startedAt],
    ['result', `${state.result ?? 'unfinished'}${time}`],
    ['params', paramsText(params)],
  ];
  const running = [...state.running.values()];
  // Where every step was over before anybody looked, there is nothing to have a column for.
  const isSampled = [...told.values(), ...running].some(({ peak }) => peak !== undefined);
  const steps = finished.map(({ step, outcome, durationMs, outputs, log }) => [
    step,
    outcomeWord(outcome),
    outcome.kind === 'succeeded' || outcome.kind === 'failed' ? formatDuration(durationMs) : '',
    ...(isSampled ? [peakText(told.get(step)?.peak)] : []),
    [
      detail(outcome) || outputsText(outputs),
      log === null ? '' : ranBecause(told.get(step)?.because ?? null),
    ]
      .filter(Boolean)
      .join('\n'),
  ]);
  const begun = state.result === undefined ? unfinished(state, isSampled) : [];
  const head = ['step', 'outcome', 'took', ...(isSampled ? ['most used'] : []), ''];
  const tables = [
    renderTable(facts, { columns }),
    '',
    renderTable([head, ...steps, ...begun], { columns }),
  ];
  const hints = [...told].flatMap(([step, entry]) =>
    entry.hints.map(hint => `${step}: ${describeHint(hint)}`),
  );
  return [...tables, ...(hints.length === 0 ? [] : ['', ...hints])].join('\n');
}

const outputsText = (outputs: Finished['outputs']): string =>
  Object.entries(outputs)
    .map(([port, { bytes }]) => `${port} ${formatBytes(bytes)}`)
    .join(', ');

/** What had begun when the record ends: it runs now, or the run was killed. */
function unfinished({ running }: RunState, isSampled: boolean): readonly (readonly string[])[] {
  return [...running].map(([step, { since, progress, message, peak }]) => [
    step,
    since === undefined ? 'waiting' : 'running',
    '',
    ...(isSampled ? [peakText(peak)] : []),
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
