/**
 * Applies repairs to a source: what they do not name stays byte for byte, comments and layout
 * included. Unaware of YAML and of what the repairs mean.
 */
import type { Fix } from '../schema/diagnostic.ts';

type Edit = { readonly start: number; readonly end: number; readonly text: string };

/**
 * The source with the fixes' edits made. Of two fixes that touch the same place the earlier one is
 * made, the other left for another time; so is one that reaches beyond the source. A fix is made
 * whole or not at all.
 */
export function applyFixes(source: string, fixes: readonly Fix[]): string {
  // Places are counted without a byte order mark; it stays where it is.
  if (source.startsWith('\ufeff')) return `\ufeff${applyFixes(source.slice(1), fixes)}`;
  const taken: Edit[] = [];
  for (const fix of fixes) {
    const edits = fix.edits
      .map(({ at, text }) => ({ start: at.start, end: at.end, text }))
      .filter(edit => !taken.some(other => isSame(edit, other)));
    const fits = edits.every(
      (edit, index) =>
        edit.start >= 0 &&
        edit.start <= edit.end &&
        edit.end <= source.length &&
        !taken.some(other => collide(edit, other)) &&
        !edits.slice(0, index).some(other => collide(edit, other)),
    );
    if (fits) taken.push(...edits);
  }
  const inOrder = taken.toSorted((a, b) => a.start - b.start || a.end - b.end);
  let at = 0;
  let result = '';
  for (const { start, end, text } of inOrder) {
    result += source.slice(at, start) + text;
    at = end;
  }
  return result + source.slice(at);
}

const isSame = (a: Edit, b: Edit): boolean =>
  a.start === b.start && a.end === b.end && a.text === b.text;

/** Two insertions at one place collide as well: their order would be a guess. */
const collide = (a: Edit, b: Edit): boolean =>
  a.start === b.start || (a.start < b.end && b.start < a.end);
