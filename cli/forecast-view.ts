/** The words and rows for what a run would do: `plan` shows all of it, `why` one step at length. */
import type { Answer, Forecast } from '../runner/forecast.ts';
import type { InTheWay } from '../runner/placing.ts';
import { unsetText } from '../runner/secrets.ts';
import { assertNever } from '../schema/assert-never.ts';
import type { Change } from '../schema/fingerprint.ts';
import type { Plan } from '../schema/plan.ts';
import { formatAgo, formatDuration } from '../ui/duration.ts';
import type { Style } from '../ui/style.ts';
import { renderTable } from '../ui/table.ts';
import { describeFailure, describeReason, sampleText, skipReason } from '../ui/words.ts';
import { firstOf } from './near-names.ts';

export type View = {
  readonly plan: Plan;
  readonly style: Style;
  readonly now: Date;
  /** Of the terminal; undefined where there is none. */
  readonly columns: number | undefined;
};

export function forecastTable(forecasts: readonly Forecast[], view: View): string {
  const rows = forecasts.map(({ step, answer, lacks, estimateMs }) => [
    answerSign(answer, view.style),
    step,
    answerWord(answer),
    estimateMs !== null && answer.kind === 'execute' ? `~${formatDuration(estimateMs)}` : '',
    [view.style.dim(answerDetail(answer, view).join('; ')), ...lacksText(lacks, view)]
      .filter(Boolean)
      .join('; '),
  ]);
  return [renderTable(rows, view), '', totals(forecasts), ...sampleNote(forecasts, view)].join(
    '\n',
  );
}

/** Which part of the pipeline a slice is for is not seen by the names of its steps. */
function sampleNote(forecasts: readonly Forecast[], { plan }: View): readonly string[] {
  if (plan.sample === undefined) return [];
  const shown = new Set(forecasts.map(({ step }) => step));
  const steps = plan.steps.filter(({ id }) => shown.has(id));
  const whole = new Set(steps.filter(step => step.onSample === undefined).map(({ name }) => name));
  const rest = whole.size === 0 ? '' : `; on all of the data: ${[...whole].join(', ')}`;
  return [`${sampleText(plan.sample.fraction)}${rest}`];
}

export function answerSign({ kind }: Answer, { sign, good, bad, warn, dim }: Style): string {
  switch (kind) {
    case 'up-to-date':
    case 'restore':
      return good(sign.hit);
    case 'execute':
      return warn(sign.arrow);
    case 'known-later':
    case 'asked-later':
      return '?';
    case 'skipped':
      return dim(sign.skipped);
    case 'fails':
      return bad(sign.bad);
    default:
      return assertNever(kind);
  }
}

export function answerWord(answer: Answer): string {
  switch (answer.kind) {
    case 'up-to-date':
      return 'up to date';
    case 'restore':
      return 'restore';
    case 'execute':
      return 'run';
    case 'known-later':
      return 'known later';
    case 'asked-later':
      return answer.asks === 'probe' ? 'probed first' : 'checked first';
    case 'skipped':
      return 'skip';
    case 'fails':
      return 'cannot run';
    default:
      return assertNever(answer);
  }
}

/** Each phrase says one thing, in the author's words and with the place where it is written. */
export const answerDetail = (answer: Answer, view: View): readonly string[] => [
  ...verdictDetail(answer, view),
  ...('inTheWay' in answer ? answer.inTheWay.map(place => keptText(place, answer.kind)) : []),
];

export const lacksText = (lacks: readonly string[], { style }: View): readonly string[] =>
  lacks.map(name => style.warn(`its ${unsetText(name)}`));

const keptText = ({ to, isOwned }: InTheWay, kind: Answer['kind']): string =>
  `${to} ${isOwned ? 'was edited by hand' : 'is there already'}: that version will be kept${kind === 'execute' ? ', unless the result is the same' : ''}`;

function verdictDetail(answer: Answer, { plan, now }: View): readonly string[] {
  switch (answer.kind) {
    case 'up-to-date':
    case 'restore':
      return [
        `made by run ${answer.made.run}, ${formatAgo(answer.made.at, now)}`,
        ...(answer.gone.length === 0 ? [] : [goneText(answer.gone)]),
      ];
    case 'execute':
      return answer.because.kind === 'changed'
        ? answer.because.changes.map(change => withOrigin(change, plan))
        : describeReason(answer.because);
    case 'known-later':
      return [`${firstOf(answer.waitsFor)} ${answer.waitsFor.length === 1 ? 'decides' : 'decide'}`];
    case 'asked-later':
      return [`its ${answer.asks} decides, which only \`run\` executes`];
    case 'skipped':
      return [skipReason(answer)];
    case 'fails':
      return [describeFailure(answer.failure).what];
    default:
      return assertNever(answer);
  }
}

const goneText = (ports: readonly string[]): string =>
  `the bytes of ${ports.join(', ')} are gone: it executes once a step needs them`;

/**
 * `param epochs 40 → 60 (-p)`: where the new value comes from, when a parameter of the pipeline
 * carries the same name and value.
 */
function withOrigin(change: Change, { params }: Plan): string {
  const [phrase = ''] = describeReason({ kind: 'changed', changes: [change] });
  const name = /^param (.+)$/.exec(change.part)?.[1];
  const param = name === undefined ? undefined : params[name];
  if (param === undefined || JSON.stringify(param.value) !== change.after) return phrase;
  return `${phrase} (${param.origin})`;
}

function totals(forecasts: readonly Forecast[]): string {
  const count = (...kinds: readonly Answer['kind'][]) =>
    forecasts.filter(({ answer }) => kinds.includes(answer.kind)).length;
  const toRun = forecasts.filter(({ answer }) => answer.kind === 'execute');
  const estimate = toRun.reduce((sum, { estimateMs }) => sum + (estimateMs ?? 0), 0);
  const parts = [
    [count('up-to-date'), 'up to date'],
    [count('restore'), 'to restore'],
    [toRun.length, 'to run'],
    [count('known-later', 'asked-later'), 'known later'],
    [count('skipped'), 'to skip'],
    [count('fails'), 'that cannot run'],
  ].filter(([number]) => number !== 0);
  const text = parts.map(([number, word]) => `${number} ${word}`).join(', ');
  return estimate > 0
    ? `${text}; about ${formatDuration(estimate)} of work that is known now`
    : text;
}
