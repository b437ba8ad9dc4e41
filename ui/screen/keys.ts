/**
 * What a key does: to what is looked at, and to the run. Pure; unaware of terminals and of how keys
 * arrive. The run hears of it through a `Command` alone.
 */
import type { StepId } from '../../schema/id.ts';
import type { RunState } from '../run-state.ts';
import { pressInLog } from './log-keys.ts';
import { type Command, initialView, type Key, type KeyContext, type View } from './view.ts';

export type Pressed = { readonly view: View; readonly command?: Command };

export function press(view: View, key: Key, context: KeyContext): Pressed {
  if (key.kind === 'interrupt') return { view, command: { kind: 'interrupt' } };
  return view.log === undefined
    ? pressInList(view, key, context)
    : { view: { ...view, log: pressInLog(view.log, key, context) } };
}

function pressInList(view: View, key: Key, context: KeyContext): Pressed {
  const { state, page } = context;
  switch (key.kind) {
    case 'up':
      return { view: moved(view, state, -1) };
    case 'down':
      return { view: moved(view, state, 1) };
    case 'page-up':
      return { view: moved(view, state, -page) };
    case 'page-down':
      return { view: moved(view, state, page) };
    case 'home':
      return { view: moved(view, state, Number.NEGATIVE_INFINITY) };
    case 'end':
      return { view: moved(view, state, Number.POSITIVE_INFINITY) };
    case 'escape':
      return { view: initialView };
    case 'enter':
      return { view: withLog(view, state) };
    case 'character':
      return pressLetter(view, key.text, state);
    default:
      return { view };
  }
}

function pressLetter(view: View, letter: string, state: RunState): Pressed {
  const chosen = view.chosen ?? nearestStep(state);
  switch (letter) {
    case 'j':
      return { view: moved(view, state, 1) };
    case 'k':
      return { view: moved(view, state, -1) };
    case 'h':
    case '?':
      return { view: { ...view, panel: view.panel === 'help' ? 'logs' : 'help' } };
    case 'w':
      return { view: { ...view, chosen, panel: view.panel === 'why' ? 'logs' : 'why' } };
    case 'c':
      // Only what was chosen by hand: a stray key must not end somebody's training.
      return view.chosen !== undefined && state.running.has(view.chosen)
        ? { view, command: { kind: 'cancel', step: view.chosen } }
        : { view };
    case 'r':
      return view.chosen !== undefined && canBeginAnew(view.chosen, state)
        ? { view, command: { kind: 'rerun', step: view.chosen } }
        : { view };
    case 'q':
      return { view, command: { kind: 'interrupt' } };
    default:
      return { view };
  }
}

/** It executes, or has ended otherwise than by never having its turn. */
const canBeginAnew = (step: StepId, { running, finished }: RunState): boolean =>
  running.get(step)?.since !== undefined ||
  finished.some(entry => entry.step === step && entry.outcome.kind !== 'skipped');

/** The step a key means while none is chosen: one that runs, else what ended last. */
const nearestStep = (state: RunState): StepId | undefined =>
  [...state.running].find(([, { since }]) => since !== undefined)?.[0] ?? state.finished.last?.step;

function moved(view: View, state: RunState, by: number): View {
  const { steps } = state;
  const from = view.chosen ?? nearestStep(state);
  const index = Math.max(
    0,
    steps.findIndex(({ id }) => id === from),
  );
  // The first press shows where one stands.
  const wanted = view.chosen === undefined && Number.isFinite(by) ? index : index + by;
  const chosen = steps[Math.min(steps.length - 1, Math.max(0, wanted))]?.id;
  return { ...view, chosen, panel: view.panel === 'help' ? 'logs' : view.panel };
}

function withLog(view: View, state: RunState): View {
  const step = view.chosen ?? nearestStep(state);
  if (step === undefined) return view;
  const log = { step, end: undefined, left: 0, search: '', typing: false, match: undefined };
  return { ...view, log };
}
