/** `sluice why <step>`: why it would run, or why it hits: the diff of fingerprints, or the record. */
import { join } from 'node:path';
import { closest } from '../../compiler/closest.ts';
import { type Forecast, forecast } from '../../runner/forecast.ts';
import { recordedReasons } from '../../runner/history.ts';
import { canonicalJson, type Json } from '../../schema/canonical-json.ts';
import type { Reason } from '../../schema/event.ts';
import type { Fingerprint } from '../../schema/fingerprint.ts';
import type { RunId, StepId } from '../../schema/id.ts';
import { makeStyle } from '../../ui/style.ts';
import { renderTable } from '../../ui/table.ts';
import { ranBecause } from '../../ui/words.ts';
import { type Define, examples, type Invocation } from '../command.ts';
import { type CompileOptions, compileProject, planProject } from '../compilation.ts';
import { executorOption, openExecutor } from '../executors.ts';
import { answerDetail, answerSign, answerWord, lacksText, type View } from '../forecast-view.ts';
import { withStoreToLookAt } from '../open-store.ts';
import { configOption, jsonOption, paramOption, profileOption, sampleOption } from '../options.ts';
import { choosePipeline, requireProject } from '../project.ts';
import { requireStep, runnerInputs } from '../run-inputs.ts';
import { usageError } from '../usage.ts';

type WhyOptions = CompileOptions & {
  readonly executor?: string | undefined;
  readonly pipeline?: string | undefined;
  readonly json?: true | undefined;
};

export const define: Define = (program, invocation) => {
  program
    .command('why')
    .description(
      'Why a step would run, or why it hits. With -v: everything that its key is made of.',
    )
    .argument('<step>', 'its address, or the name of a matrix step')
    .option('--pipeline <name>', 'where the project has several')
    .addOption(configOption())
    .addOption(paramOption())
    .addOption(profileOption())
    .addOption(sampleOption())
    .addOption(executorOption())
    .addOption(jsonOption())
    .addHelpText('after', examples('sluice why train', 'sluice why train -p epochs=60 -v'))
    .action(async (step, options) => {
      const call = invocation();
      call.finish(await why(call, step, options));
    });
};

async function why(invocation: Invocation, step: string, options: WhyOptions): Promise<number> {
  const pipeline = options.pipeline ?? (await pipelineWith(step, invocation, options));
  const planned = await planProject(invocation, pipeline, options);
  if (planned === undefined) return 2;
  requireStep(planned.plan, step);
  const { terminal } = invocation;
  const inputs = runnerInputs(invocation, planned, { step: [step] });
  const executor = await openExecutor(invocation, planned, {
    named: options.executor,
    for: 'plan',
  });
  const { home } = planned.project;
  const forecasts = await withStoreToLookAt({ home, terminal }, store =>
    forecast({ ...inputs, store, executor }),
  );
  const names = new Map(planned.plan.steps.map(({ id, name }) => [id, name]));
  const asked = forecasts.filter(({ step: id }) => id === step || names.get(id) === step);
  const reasons = await reasonsOfHits(planned.project.part, asked);
  if (options.json) {
    const forecasts = asked.map(entry => ({
      ...entry,
      ranBecause: reasons.get(entry.step) ?? null,
    }));
    terminal.out(JSON.stringify({ format: 1, forecasts }, null, 2));
    return 0;
  }
  const style = makeStyle(terminal);
  const view = { plan: planned.plan, style, now: new Date(), columns: terminal.columns, reasons };
  const isVerbose = terminal.verbosity === 'verbose';
  terminal.out(asked.map(entry => page(entry, view, isVerbose)).join('\n\n'));
  return 0;
}

type Reasons = ReadonlyMap<StepId, Reason>;

/** From the records of the runs that made what is there, as far as they are kept. */
async function reasonsOfHits(part: string, asked: readonly Forecast[]): Promise<Reasons> {
  const made = asked.flatMap(({ step, answer }) =>
    'made' in answer ? [{ step, run: answer.made.run }] : [],
  );
  const records = new Map<RunId, Reasons>();
  for (const { run } of made) {
    if (!records.has(run)) records.set(run, await recordedReasons(part, run));
  }
  return new Map(
    made.flatMap(({ step, run }) => {
      const reason = records.get(run)?.get(step);
      return reason === undefined ? [] : [[step, reason] as const];
    }),
  );
}

type Page = View & { readonly reasons: Reasons };

/** Absolute: of the only pipeline, or of the only one that has the step. */
async function pipelineWith(
  step: string,
  invocation: Invocation,
  options: WhyOptions,
): Promise<string> {
  const project = requireProject(invocation.cwd);
  const absolute = (path: string) => join(project.root, path);
  const having: string[] = [];
  const known: string[] = [];
  let isWhole = true;
  for (const path of project.pipelines.length > 1 ? project.pipelines : []) {
    const { plan } = (await compileProject(invocation, absolute(path), options)).compilation;
    const names = plan?.steps.flatMap(({ id, name }) => [id, name]) ?? [];
    if (names.includes(step)) having.push(path);
    known.push(...names);
    isWhole &&= plan !== undefined;
  }
  const [only, ...others] = having;
  if (only !== undefined && others.length === 0) return absolute(only);
  // One that cannot be planned may have just this step.
  const near = only === undefined && isWhole ? closest(step, known) : undefined;
  if (near !== undefined) {
    throw usageError(`no pipeline here has a step \`${step}\``, `did you mean \`${near}\`?`);
  }
  return absolute(choosePipeline(project, undefined, invocation.cwd, '--pipeline '));
}

function page({ step, answer, lacks }: Forecast, view: Page, isVerbose: boolean): string {
  const { strong, dim } = view.style;
  const reason = view.reasons.get(step) ?? null;
  const lines = [
    `${answerSign(answer, view.style)} ${strong(step)}: ${answerWord(answer)}`,
    ...[...answerDetail(answer, view), ...lacksText(lacks, view), ranBecause(reason)]
      .filter(Boolean)
      .map(phrase => `  ${phrase}`),
  ];
  if (!('key' in answer)) return lines.join('\n');
  lines.push(dim(`  key ${answer.key}`));
  if (isVerbose) lines.push('', renderTable(influences(answer.fingerprint), { indent: 2 }));
  return lines.join('\n');
}

/** One row per field that says something; the order is the record's. */
const influences = (fingerprint: Fingerprint): readonly (readonly string[])[] =>
  Object.entries<Json>(fingerprint)
    .filter(([, value]) => value !== null && !EMPTY.has(canonicalJson(value)))
    .flatMap(([field, value]) =>
      isRecord(value)
        ? Object.entries(value).map(([name, member]) => [field, name, text(member)])
        : [[field, '', text(value)]],
    );

const EMPTY: ReadonlySet<string> = new Set(['{}', '[]']);

const isRecord = (value: Json): value is Readonly<Record<string, Json>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const text = (value: Json): string => (typeof value === 'string' ? value : canonicalJson(value));
