/**
 * What stands below the rows: the last lines of what runs, or why the chosen step runs, or the keys.
 * Pure; takes no more lines than it is given.
 */
import { assertNever } from '../../schema/assert-never.ts';
import type { StepId } from '../../schema/id.ts';
import { logText } from '../log-text.ts';
import type { RunState } from '../run-state.ts';
import type { Style } from '../style.ts';
import { describeFailure, describeReason, outcomeWord, skipReason } from '../words.ts';
import { type Line, piece } from './line.ts';
import type { View } from './view.ts';

export type PanelOptions = {
  readonly state: RunState;
  readonly view: View;
  readonly style: Style;
  readonly room: number;
  readonly spoken: boolean;
  readonly tailOf: (step: StepId) => readonly string[];
};

/** Lines of one step's log, and steps with lines: enough to see that it moves and where. */
const TAIL_LINES = 8;
const TALKERS = 3;

export function panelLines(options: PanelOptions): readonly Line[] {
  const { view, room } = options;
  if (room < 2) return [];
  switch (view.panel) {
    case 'help':
      return HELP.slice(0, room).map(([keys, what]) => [
        piece(`  ${keys.padEnd(10)}`, 'strong'),
        piece(what),
      ]);
    case 'why':
      return whyLines(options).slice(0, room);
    case 'logs':
      return options.spoken ? [] : tailLines(options);
    default:
      return assertNever(view.panel);
  }
}

const HELP = [
  ['j k ↑ ↓', 'choose a step; esc: choose none'],
  ['enter', 'its log on the whole screen; there: / search, n N next, f follow, q back'],
  ['w', 'why it runs'],
  ['c', 'cancel the chosen step, while it runs; only what needs it is skipped'],
  ['r', 'the chosen step once more; what needs it follows if its result is another'],
  ['q Ctrl-C', 'stop: running steps may tidy up; again: kill them'],
  ['h', 'close this help'],
] as const;

function whyLines({ state, view, style }: PanelOptions): readonly Line[] {
  const { chosen } = view;
  if (chosen === undefined) return [];
  const title: Line = [piece(`${style.sign.bar} `, 'dim'), piece(`why ${chosen}`, 'strong')];
  return [
    title,
    ...whyTexts(state, chosen).map(text => [piece(`${style.sign.bar} `, 'dim'), piece(text)]),
  ];
}

function whyTexts(state: RunState, step: StepId): readonly string[] {
  const running = state.running.get(step);
  if (running !== undefined) {
    return running.because === null ? ['not told'] : describeReason(running.because);
  }
  const entry = state.finished.find(finished => finished.step === step);
  if (entry === undefined) return ['not decided yet: that needs what other steps make'];
  const { outcome, because } = entry;
  if (outcome.kind === 'skipped') return [`${outcomeWord(outcome)}: ${skipReason(outcome)}`];
  if (outcome.kind === 'up-to-date' || outcome.kind === 'restored') {
    return [`nothing that matters to it has changed since run ${outcome.madeBy}`];
  }
  const reasons = because === null ? [] : describeReason(because);
  return outcome.kind === 'failed'
    ? [...reasons, `it failed: ${describeFailure(outcome.failure).what}`]
    : reasons;
}

/** The chosen step's log, or those of the steps that have spoken last. */
function tailLines(options: PanelOptions): readonly Line[] {
  const { state, view, style, room } = options;
  const talkers = (view.chosen === undefined ? speakers(state) : [view.chosen]).slice(0, TALKERS);
  const texts = talkers
    .map(step => ({ step, lines: linesOf(step, options) }))
    .filter(({ lines }) => lines.length > 0);
  const share = Math.min(TAIL_LINES + 1, Math.floor(room / Math.max(1, texts.length)));
  if (share < 2) return [];
  return texts.flatMap(({ step, lines }): readonly Line[] => [
    [piece(style.unicode ? '┌ ' : '+ ', 'dim'), piece(step, 'dim')],
    ...lines
      .slice(-(share - 1))
      .map((line): Line => [piece(`${style.sign.bar} `, 'dim'), piece(logText(line), 'dim')]),
  ]);
}

const speakers = (state: RunState): readonly StepId[] =>
  [...state.running]
    .filter(([, { spokeAt }]) => spokeAt !== undefined)
    .sort(([, a], [, b]) => (b.spokeAt ?? 0) - (a.spokeAt ?? 0))
    .slice(0, TALKERS)
    // Rows keep their places while steps take turns in speaking.
    .sort(([, a], [, b]) => (a.since ?? 0) - (b.since ?? 0))
    .map(([step]) => step);

function linesOf(step: StepId, { state, tailOf }: PanelOptions): readonly string[] {
  const running = state.running.get(step);
  if (running === undefined) {
    return state.finished.find(entry => entry.step === step)?.tail ?? [];
  }
  if (running.isTruncated) return tailOf(step);
  return running.partial === '' ? running.tail : [...running.tail, running.partial];
}
