/**
 * Diagnostics as programs read them: `sluice check --json`, in the order of the text form, each
 * place with both its ends. docs/diagnostics.md describes it; a field may be added, never renamed.
 * Unaware of terminals.
 */
import type { Diagnostic, Span } from '../schema/diagnostic.ts';
import { inOrder } from './diagnostic.ts';

export const diagnosticsJson = (
  diagnostics: readonly Diagnostic[],
  sources: (file: string) => string | undefined,
) => ({
  format: 1,
  diagnostics: inOrder(diagnostics).map(({ at, related, fixes, ...words }) => ({
    ...words,
    ...(at !== undefined && { at: withEnd(at, sources) }),
    related: related.map(other => ({ ...other, at: withEnd(other.at, sources) })),
    fixes: fixes.map(({ title, edits }) => ({
      title,
      edits: edits.map(edit => ({ ...edit, at: withEnd(edit.at, sources) })),
    })),
  })),
});

/** The place behind the last character, as `end` is. */
function withEnd(at: Span, sources: (file: string) => string | undefined) {
  const marked = sources(at.file)?.slice(at.start, at.end) ?? '';
  const lines = marked.split('\n');
  const last = lines.at(-1)?.length ?? 0;
  return {
    ...at,
    endLine: at.line + lines.length - 1,
    endColumn: lines.length === 1 ? at.column + last : last + 1,
  };
}
