/**
 * The lexer's view of a text, with offsets: for the few questions that are asked before, or instead
 * of, what the parser makes of it. Unaware of structure.
 */
import { Lexer } from 'yaml';

export type Lexeme = {
  readonly kind: 'open' | 'close' | 'plain' | 'quoted' | 'other';
  readonly start: number;
  readonly end: number;
};

const SCALAR_FOLLOWS = '\x1f';
/** Marks of the lexer's own; the text holds none of them, see decode.ts. */
const MARKS: readonly string[] = [SCALAR_FOLLOWS, '\x02', '\x18'];

export function* lexemes(text: string): Generator<Lexeme> {
  let start = 0;
  let scalar = false;
  for (const lexeme of new Lexer().lex(text)) {
    if (MARKS.includes(lexeme)) {
      scalar = lexeme === SCALAR_FOLLOWS;
      continue;
    }
    const end = start + lexeme.length;
    yield { kind: scalar ? 'plain' : kindOf(lexeme), start, end };
    start = end;
    scalar = false;
  }
}

function kindOf(lexeme: string): Lexeme['kind'] {
  if (lexeme === '{' || lexeme === '[') return 'open';
  if (lexeme === '}' || lexeme === ']') return 'close';
  return /^["']/.test(lexeme) ? 'quoted' : 'other';
}

/** The innermost bracket or brace that is still open at `offset`. */
export function openBracket(text: string, offset: number): Lexeme | undefined {
  const open: Lexeme[] = [];
  for (const lexeme of lexemes(text)) {
    if (lexeme.start >= offset) break;
    if (lexeme.kind === 'open') open.push(lexeme);
    if (lexeme.kind === 'close') open.pop();
  }
  return open.at(-1);
}

/** The quoted text that ends at `offset`, white space apart, or reaches beyond it. */
export function quotedBefore(text: string, offset: number): Lexeme | undefined {
  let last: Lexeme | undefined;
  for (const lexeme of lexemes(text)) {
    if (lexeme.start >= offset) break;
    if (lexeme.kind === 'quoted') last = lexeme;
    else if (text.slice(lexeme.start, lexeme.end).trim() !== '') last = undefined;
  }
  return last;
}
