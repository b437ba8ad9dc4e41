/**
 * Two slips that everybody makes in flow style, where YAML reads braces and brackets itself:
 *
 *     with: { seed: ${{ params.seed }} }        in: { models: train[*].model }
 *
 * Both are found among the lexer's tokens and painted over, so that the parser sees plain text of
 * the same length, every offset stays, and the rest of the document is checked as usual.
 */
import { LIMITS } from '../limits.ts';
import { type Lexeme, lexemes } from './lexemes.ts';

export type Slip = {
  readonly kind: 'expression' | 'reference';
  readonly start: number;
  readonly end: number;
  /** What was meant to be quoted. */
  readonly text: string;
};

/** How often the text is looked at again: what a slip has confused is seen only once it is gone. */
const PASSES = 8;

export function mendSlips(text: string): {
  readonly text: string;
  readonly slips: readonly Slip[];
} {
  if (!text.includes('${{') && !/\w\[/.test(text)) return { text, slips: [] };
  const slips: Slip[] = [];
  let mended = text;
  for (let pass = 0; pass < PASSES; pass += 1) {
    const found = findSlips(mended);
    if (found.length === 0) break;
    slips.push(...found);
    mended = paintOver(mended, found);
  }
  return { text: mended, slips: slips.sort((a, b) => a.start - b.start) };
}

function findSlips(text: string): readonly Slip[] {
  const slips: Slip[] = [];
  let depth = 0;
  let before: Lexeme | undefined;
  for (const lexeme of lexemes(text)) {
    const done = slips.at(-1)?.end ?? 0;
    if (lexeme.kind === 'open' && depth > 0 && before?.kind === 'plain' && lexeme.start >= done) {
      const slip = slipAt(text, before.start, lexeme.start);
      if (slip !== undefined) slips.push(slip);
    }
    // Behind a quote in a plain text, the lexer may take texts for signs and signs for texts.
    const last = slips.at(-1);
    if (slips.length >= LIMITS.problems || (last && hasQuote(text.slice(last.start, last.end))))
      break;
    if (lexeme.kind === 'open') depth += 1;
    if (lexeme.kind === 'close') depth = Math.max(0, depth - 1);
    before = lexeme;
  }
  return slips;
}

/** The plain scalar from `start` runs into the bracket at `bracket`. */
function slipAt(text: string, start: number, bracket: number): Slip | undefined {
  const expression = text[bracket] === '{';
  if (expression && !text.startsWith('${{', bracket - 1)) return undefined;
  if (bracket - start > LONGEST) return undefined;
  const rest = text.slice(start, Math.min(endOfLine(text, bracket), bracket + LONGEST));
  const whole = (expression ? EXPRESSION : REFERENCE).exec(rest)?.[0].trimEnd();
  if (whole === undefined || start + whole.length <= bracket) return undefined;
  const end = start + whole.length;
  const meant = whole.replace(HALF_QUOTE, '$1');
  return { kind: expression ? 'expression' : 'reference', start, end, text: meant };
}

/** `${{ params.lr }}"`, of which only the end is quoted. */
const HALF_QUOTE = /^([^"']*)["']$/;

const hasQuote = (text: string): boolean => /["']/.test(text);

/** Longer slips are left to the parser, so that no line is searched again and again. */
const LONGEST = 1000;

/** Text and expressions up to what ends a plain scalar in flow style. */
const EXPRESSION = /^(?:\$\{\{(?:(?!\}\}).)*\}\}|(?!\$\{\{)[^,[\]{}])+/;
/** `train[lr=0.1,fold=3].model`. */
const REFERENCE = /^[\w-]+\[[^\][{}]*\](?:\.[\w-]+)?/;

const endOfLine = (text: string, from: number): number => {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end;
};

function paintOver(text: string, slips: readonly Slip[]): string {
  const pieces: string[] = [];
  let at = 0;
  for (const { start, end } of slips) {
    pieces.push(text.slice(at, start), 'x'.repeat(end - start));
    at = end;
  }
  return pieces.join('') + text.slice(at);
}
