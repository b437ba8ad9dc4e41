/**
 * A run as a page of Markdown, for the summary of a CI run: a table of steps and the DAG, coloured
 * by how each step ended. Pure; unaware of where the page goes.
 */
import type { Outcome } from '../schema/event.ts';
import { formatDuration } from './duration.ts';
import { byWorth, formatMetric } from './metric.ts';
import { countsText } from './run-lines.ts';
import { countOutcomes, type FinishedStep, type RunState } from './run-state.ts';
import { stepName } from './step-name.ts';
import { visible } from './visible.ts';
import { describeFailure, outcomeWord, sampleText, skipReason } from './words.ts';

const SIGNS: Readonly<Record<Outcome['kind'], string>> = {
  succeeded: '✅',
  'up-to-date': '🟰',
  restored: '🟰',
  failed: '❌',
  cancelled: '🚫',
  skipped: '➖',
};

/** A page that holds more rows than this is cut off by GitHub; the first failures come first. */
const ROWS = 500;

export function runSummary(state: RunState): string {
  const result = state.result ?? 'unfinished';
  const head = `## ${result === 'succeeded' ? '✅' : '❌'} ${cell(state.pipeline)} ${result}`;
  const sample = state.sample === undefined ? '' : `${sampleText(state.sample)} · `;
  const facts = `${sample}${countsText(countOutcomes(state.finished))} in ${formatDuration(state.durationMs)} · run \`${state.run ?? ''}\``;
  return [head, '', facts, '', table(state), '', dag(state), ''].join('\n');
}

function table({ finished }: RunState): string {
  const isFailed = ({ outcome }: FinishedStep) => outcome.kind === 'failed';
  const rows = [...finished]
    .sort((a, b) => Number(isFailed(b)) - Number(isFailed(a)))
    .slice(0, ROWS)
    .map(entry => {
      const { step, outcome, durationMs } = entry;
      const time =
        outcome.kind === 'succeeded' || isFailed(entry) ? formatDuration(durationMs) : '';
      return `| ${SIGNS[outcome.kind]} ${cell(step)} | ${outcomeWord(outcome)} | ${time} | ${cell(detail(entry))} |`;
    });
  return ['| step | outcome | time | |', '| --- | --- | ---: | --- |', ...rows].join('\n');
}

function detail({ outcome, metrics, tail }: FinishedStep): string {
  if (outcome.kind === 'failed') {
    const { what, help } = describeFailure(outcome.failure, tail);
    return help === undefined ? what : `${what}; ${help}`;
  }
  if (outcome.kind === 'skipped') return skipReason(outcome);
  if (outcome.kind === 'up-to-date' || outcome.kind === 'restored') return `run ${outcome.madeBy}`;
  return byWorth(metrics)
    .slice(0, 4)
    .map(([name, value]) => `${name} ${formatMetric(value)}`)
    .join(', ');
}

const cell = (text: string): string =>
  visible(text)
    .replace(/[\\|<>`*_[\]]/g, '\\$&')
    .replaceAll('\n', ' ');

/** The worst end of a step's instances stands for all. */
const WORST: readonly Outcome['kind'][] = [
  'failed',
  'cancelled',
  'skipped',
  'succeeded',
  'restored',
  'up-to-date',
];

/** One box per step that an author wrote, instances of a matrix counted in it. */
function dag({ steps, finished }: RunState): string {
  const ends = new Map(finished.map(({ step, outcome }) => [step, outcome.kind]));
  const groups = [...Map.groupBy(steps, ({ id }) => stepName(id))];
  const ids = new Map(groups.map(([name], index) => [name, `s${index}`]));
  const boxes = groups.map(([name, members]) => {
    const kinds = new Set(members.map(({ id }) => ends.get(id)));
    const kind = WORST.find(candidate => kinds.has(candidate));
    const done = members.filter(({ id }) => ends.has(id)).length;
    const count = members.length > 1 ? ` ${done}/${members.length}` : '';
    const sign = kind === undefined ? '' : `${SIGNS[kind]} `;
    return `  ${ids.get(name)}["${sign}${label(name)}${count}"]:::${kind === undefined ? 'open' : CLASS_OF[kind]}`;
  });
  const arrows = groups.flatMap(([name, members]) => {
    const needs = new Set(members.flatMap(member => member.needs.map(stepName)));
    return [...needs].map(need => `  ${ids.get(need)} --> ${ids.get(name)}`);
  });
  return ['```mermaid', 'flowchart LR', ...boxes, ...arrows, ...CLASSES, '```'].join('\n');
}

const CLASS_OF: Readonly<Record<Outcome['kind'], string>> = {
  succeeded: 'succeeded',
  'up-to-date': 'hit',
  restored: 'hit',
  failed: 'failed',
  cancelled: 'cancelled',
  skipped: 'skipped',
};

const CLASSES = [
  '  classDef succeeded stroke:#2da44e,stroke-width:2px',
  '  classDef hit stroke:#2da44e,stroke-dasharray:4',
  '  classDef failed stroke:#cf222e,stroke-width:3px',
  '  classDef cancelled stroke:#bf8700,stroke-width:2px',
  '  classDef skipped stroke:#8c959f,stroke-dasharray:2',
  '  classDef open stroke:#8c959f',
];

/** Mermaid has its own entities, by decimal number. */
const label = (text: string): string =>
  visible(text).replace(/["#<>&;`]/g, letter => `#${letter.charCodeAt(0)};`);
