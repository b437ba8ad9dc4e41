/**
 * What a key does while a pipeline is watched. Pure: from what was typed so far and a key to what is
 * typed then and, maybe, a wish. Unaware of terminals.
 */

export type Wish =
  /** A round now, of everything that the filter lets through. */
  | { readonly kind: 'now' }
  /** Everything, the filter gone. */
  | { readonly kind: 'all' }
  /** Once more what failed last. */
  | { readonly kind: 'failed' }
  /** From now on only steps whose address holds this text; '' lifts the filter. */
  | { readonly kind: 'filter'; readonly text: string }
  /** A round in which the steps whose address holds this text execute, whatever is known of them. */
  | { readonly kind: 'rerun'; readonly text: string }
  | { readonly kind: 'quit' }
  /** Ctrl-C, as a key: a terminal in raw mode sends no signal. */
  | { readonly kind: 'interrupt' };

/** Part of an address, and what for; undefined: nothing is being typed. */
export type Typing = { readonly for: 'filter' | 'rerun'; readonly text: string } | undefined;

export type Pressed = { readonly typing: Typing; readonly wish?: Wish };

const CTRL_C = '\u0003';
const ESCAPE = '\u001b';
const ENTER = new Set(['\r', '\n']);
const BACKSPACE = new Set(['\u007f', '\b']);

export function press(typing: Typing, key: string): Pressed {
  if (key === CTRL_C) return { typing: undefined, wish: { kind: 'interrupt' } };
  return typing === undefined ? pressLetter(key) : pressWhileTyping(typing, key);
}

function pressLetter(key: string): Pressed {
  const none = { typing: undefined };
  if (ENTER.has(key)) return { ...none, wish: { kind: 'now' } };
  switch (key) {
    case 'a':
      return { ...none, wish: { kind: 'all' } };
    case 'f':
      return { ...none, wish: { kind: 'failed' } };
    case 'p':
      return { typing: { for: 'filter', text: '' } };
    case 'r':
      return { typing: { for: 'rerun', text: '' } };
    case 'q':
      return { ...none, wish: { kind: 'quit' } };
    default:
      return none;
  }
}

function pressWhileTyping(typing: NonNullable<Typing>, key: string): Pressed {
  const { text } = typing;
  if (ENTER.has(key)) return { typing: undefined, wish: { kind: typing.for, text } };
  if (key === ESCAPE) return { typing: undefined };
  if (BACKSPACE.has(key)) return { typing: { ...typing, text: [...text].slice(0, -1).join('') } };
  // Arrows and the like come as whole sequences: they type nothing.
  const isTyped = /^[\p{L}\p{N}\p{P}\p{S} ]$/u.test(key);
  return { typing: isTyped ? { ...typing, text: text + key } : typing };
}

/** One read of a terminal as keys: a sequence that begins with escape is one. */
export function keysIn(chunk: string): readonly string[] {
  return chunk.startsWith(ESCAPE) && chunk.length > 1 ? [chunk] : [...chunk];
}
