/**
 * A run as one page that stands by itself: no script, nothing fetched, fit for printing and for
 * sending. Pure: same run, same bytes. Unaware of where runs are kept.
 */
import type { RunId, StepId } from '../../schema/id.ts';
import type { Plan } from '../../schema/plan.ts';
import { formatBytes, formatDuration } from '../duration.ts';
import { renderGraph } from '../graph/graph.ts';
import { logText } from '../log-text.ts';
import { peakText } from '../usage.ts';
import { describeFailure, describeReason, outcomeWord, sampleText, skipReason } from '../words.ts';
import { LOOK } from './look.ts';
import { escaped, tableOf } from './markup.ts';
import { measurements } from './measurements.ts';
import type { RunRecord, StepRecord } from './record.ts';
import { timelineSvg } from './timeline.ts';

export type Report = {
  readonly run: RunId;
  readonly record: RunRecord;
  /** Undefined where it was not recorded. */
  readonly plan: Plan | undefined;
  /** The last lines of the logs of what failed. */
  readonly logs: ReadonlyMap<StepId, readonly string[]>;
  /** Of steps that were hit: what they measured in the run that made them. */
  readonly measured: ReadonlyMap<
    StepId,
    { readonly run: RunId; readonly metrics: StepRecord['metrics'] }
  >;
};

export function reportPage(report: Report): string {
  const { run, record } = report;
  const title = `${record.start?.pipeline ?? 'run'} · ${run}`;
  const sections = [
    headOf(report),
    failuresOf(report),
    graphOf(report),
    section('When', `<div class="wide">${timelineSvg(record)}</div>`),
    metricsOf(report),
    section('Steps', stepsTable(record)),
    paramsOf(report),
    provenanceOf(report),
    warningsOf(record),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${escaped(title)}</title>
<style>${LOOK}</style>
</head>
<body>
${sections.filter(text => text !== '').join('\n')}
</body>
</html>
`;
}

const section = (title: string, body: string): string =>
  body === '' ? '' : `<section>\n<h2>${escaped(title)}</h2>\n${body}\n</section>`;

function headOf({ run, record: { start, result, durationMs, steps } }: Report): string {
  const counts = Map.groupBy(steps, ({ outcome }) =>
    outcome === undefined ? 'unfinished' : outcomeWord(outcome),
  );
  const counted = [...counts].map(([word, { length }]) => `${length} ${word}`).join(', ');
  const word = result ?? 'unfinished';
  const facts = [
    `run ${run}`,
    start === undefined ? '' : start.startedAt.slice(0, 19).replace('T', ' ').concat(' UTC'),
    start === undefined ? '' : `executor ${start.executor}`,
    start?.sample === undefined ? '' : sampleText(start.sample),
    counted,
  ];
  return `<header>
<h1>${escaped(start?.pipeline ?? 'run')} <span class="result ${word}">${word}</span> in ${escaped(formatDuration(durationMs))}</h1>
<p class="facts">${facts.filter(Boolean).map(escaped).join(' · ')}</p>
</header>`;
}

function failuresOf({ record, logs }: Report): string {
  const failed = record.steps.flatMap(step => {
    if (step.outcome?.kind !== 'failed') return [];
    const tail = logs.get(step.id) ?? [];
    const { what, help } = describeFailure(step.outcome.failure, tail);
    const log =
      tail.length === 0 ? '' : `<pre>${tail.map(line => escaped(logText(line))).join('\n')}</pre>`;
    const more = [
      help === undefined ? '' : `help: ${help}`,
      step.log === null ? '' : `log: ${step.log}`,
    ];
    return `<h3 class="failed">${escaped(step.id)}: ${escaped(what)}</h3>${log}<p class="facts">${more.filter(Boolean).map(escaped).join('<br>')}</p>`;
  });
  return section('What failed', failed.join('\n'));
}

/** As an image, so that its own rules of style stay its own. */
function graphOf({ plan }: Report): string {
  if (plan === undefined) return '';
  const svg = renderGraph(plan, 'svg');
  const bytes = Buffer.from(svg).toString('base64');
  // On a narrow screen one scrolls rather than reads tiny letters; what is small stays small.
  const least = `min-width: min(44rem, ${/ width="(\d+)/.exec(svg)?.[1] ?? 0}px)`;
  const alt = plan.steps.map(({ id, needs }) => `${id} needs ${needs.join(', ') || 'nothing'}`);
  return section(
    'Steps and what flows between them',
    `<div class="wide"><img class="graph" style="${least}" alt="${escaped(alt.join('; '))}" src="data:image/svg+xml;base64,${bytes}"></div>`,
  );
}

function metricsOf({ record, measured }: Report): string {
  const all = record.steps.map(({ id, metrics }) => {
    const earlier = Object.keys(metrics).length === 0 ? measured.get(id) : undefined;
    return { id, metrics: earlier?.metrics ?? metrics, from: earlier?.run };
  });
  return section('Metrics', measurements(all));
}

function stepsTable({ steps }: RunRecord): string {
  const rows = steps.map(step => {
    const { id, outcome, attempts, because } = step;
    const took = attempts.reduce((sum, { from, to }) => sum + to - from, 0);
    const kind = outcome?.kind ?? 'unfinished';
    const word = outcome === undefined ? 'unfinished' : outcomeWord(outcome);
    return [
      `<b>${escaped(id)}</b>`,
      `<span class="${kind}">${escaped(word)}</span>`,
      attempts.length === 0 ? '' : escaped(formatDuration(took)),
      escaped(peakText(step.peak)),
      escaped(whyOf(outcome) || (because === null ? '' : describeReason(because).join('; '))),
    ];
  });
  const head = ['step', 'outcome', 'took', 'most used', 'why'];
  // Short steps are over before they are sampled.
  const unused = steps.every(({ peak }) => peakText(peak) === '') ? head.indexOf('most used') : -1;
  const shown = [head, ...rows].map(row => row.filter((_, column) => column !== unused));
  return tableOf(shown[0] ?? [], shown.slice(1));
}

function whyOf(outcome: StepRecord['outcome']): string {
  if (outcome === undefined) return '';
  if ('madeBy' in outcome) return `made by run ${outcome.madeBy}`;
  return outcome.kind === 'skipped' ? skipReason(outcome) : '';
}

function paramsOf({ plan, record: { start } }: Report): string {
  const params = Object.entries(start?.params ?? {});
  if (params.length === 0) return '';
  const rows = params.map(([name, value]) => [
    escaped(name),
    `<code>${escaped(JSON.stringify(value))}</code>`,
    escaped(plan?.params[name]?.origin ?? ''),
  ]);
  return section('Parameters', tableOf(['name', 'value', 'from'], rows));
}

/** Which bytes came from what: enough to find each of them in the store again. */
function provenanceOf({ record, plan, run }: Report): string {
  const byId = new Map(plan?.steps.map(step => [step.id, step]));
  const rows = record.steps.flatMap(({ id, key, outcome, outputs }) => {
    const step = byId.get(id);
    const definition = step?.definition;
    const uses = definition?.kind === 'folder' ? `${definition.step} ${definition.version}` : 'run';
    const madeBy = outcome !== undefined && 'madeBy' in outcome ? outcome.madeBy : run;
    return Object.entries(outputs).map(([port, { digest, bytes, files }]) => [
      `<b>${escaped(`${id}.${port}`)}</b>${step === undefined ? '' : `<br><span class="small">${escaped(uses)}</span>`}`,
      escaped(`${formatBytes(bytes)}${files === 1 ? '' : `, ${files} files`}`),
      `<code>${escaped(digest)}</code>`,
      `<code>${escaped(key?.slice(0, 12) ?? '')}</code>`,
      escaped(madeBy),
    ]);
  });
  if (rows.length === 0) return '';
  const head = ['output', 'size', 'SHA-256', 'key', 'made by run'];
  return section('Provenance', tableOf(head, rows, 2));
}

const warningsOf = ({ warnings }: RunRecord): string =>
  section(
    'Warnings',
    warnings.length === 0
      ? ''
      : `<ul>${warnings.map(text => `<li>${escaped(text)}</li>`).join('')}</ul>`,
  );
