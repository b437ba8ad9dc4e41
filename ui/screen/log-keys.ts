/**
 * What a key does while one step's log has the whole screen: scroll, follow, search, leave. Pure.
 */
import { assertNever } from '../../schema/assert-never.ts';
import type { Key, KeyContext, LogLines, LogView } from './view.ts';

/** Columns that one press moves sideways. */
const SIDEWAYS = 20;

/** Undefined: back to the rows. */
export function pressInLog(view: LogView, key: Key, context: KeyContext): LogView | undefined {
  if (view.typing) return typed(view, key, context);
  const { log, page } = context;
  switch (key.kind) {
    case 'up':
      return scrolled(view, log, -1, page);
    case 'down':
      return scrolled(view, log, 1, page);
    case 'page-up':
      return scrolled(view, log, -page, page);
    case 'page-down':
      return scrolled(view, log, page, page);
    case 'home':
      return scrolled(view, log, Number.NEGATIVE_INFINITY, page);
    case 'end':
      return following(view);
    case 'left':
      return { ...view, left: Math.max(0, view.left - SIDEWAYS) };
    case 'right':
      return { ...view, left: view.left + SIDEWAYS };
    case 'escape':
    case 'enter':
      return undefined;
    case 'character':
      return pressLetter(view, key.text, context);
    case 'backspace':
    case 'interrupt':
      return view;
    default:
      return assertNever(key);
  }
}

function pressLetter(view: LogView, letter: string, context: KeyContext): LogView | undefined {
  const { log, page } = context;
  switch (letter) {
    case 'k':
      return scrolled(view, log, -1, page);
    case 'j':
      return scrolled(view, log, 1, page);
    case 'b':
      return scrolled(view, log, -page, page);
    case ' ':
      return scrolled(view, log, page, page);
    case 'g':
      return scrolled(view, log, Number.NEGATIVE_INFINITY, page);
    case 'G':
    case 'f':
      return following(view);
    case '/':
      return { ...view, search: '', typing: true, match: undefined };
    case 'n':
      return found(view, context, 'older');
    case 'N':
      return found(view, context, 'newer');
    case 'q':
      return undefined;
    default:
      return view;
  }
}

const following = (view: LogView): LogView => ({ ...view, end: undefined, match: undefined });

function scrolled(view: LogView, log: LogLines, by: number, page: number): LogView {
  const last = log.first + log.lines.length;
  const end = Math.max(log.first + page, (view.end ?? last) + by);
  return { ...view, end: end >= last ? undefined : end };
}

function typed(view: LogView, key: Key, context: KeyContext): LogView {
  switch (key.kind) {
    case 'character':
      return { ...view, search: view.search + key.text };
    case 'backspace':
      return { ...view, search: view.search.slice(0, -1) };
    case 'enter':
      return found({ ...view, typing: false }, context, 'older');
    case 'escape':
      return { ...view, typing: false, search: '' };
    default:
      return view;
  }
}

/** The next line that holds what is searched, in the middle of the page; from the end upward. */
function found(view: LogView, { log, page }: KeyContext, direction: 'older' | 'newer'): LogView {
  if (view.search === '') return view;
  const wanted = view.search.toLowerCase();
  const isMatch = (line: string) => line.toLowerCase().includes(wanted);
  const from = (view.match ?? log.first + log.lines.length) - log.first;
  const index =
    direction === 'older'
      ? log.lines.slice(0, Math.max(0, from)).findLastIndex(isMatch)
      : log.lines.findIndex((line, at) => at > from && isMatch(line));
  if (index < 0) return view;
  const last = log.first + log.lines.length;
  const end = Math.max(log.first + page, log.first + index + Math.ceil(page / 2));
  return { ...view, match: log.first + index, end: end >= last ? undefined : end };
}
