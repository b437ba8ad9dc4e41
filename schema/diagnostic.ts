/**
 * What is wrong with an author's text, as data: `compiler/` makes it, `ui/` draws it, `--json`
 * prints it as it is. Unaware of colours, terminals and wording.
 */

/** Half-open range of UTF-16 offsets, with the 1-based line and column of its start. */
export type Span = {
  /** Project-relative, or as the user named it; `-p` for the command line. */
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly column: number;
};

export type Diagnostic = {
  readonly severity: 'error' | 'warning';
  /** Stable and public: `sluice explain <code>`. */
  readonly code: string;
  /** The fact, in the author's own names. */
  readonly message: string;
  /** Where; undefined for what has no place in a file (a wrong flag). */
  readonly at?: Span | undefined;
  /** Stands under the marked text. */
  readonly label?: string | undefined;
  /** Other places that belong to it, each with its own words. */
  readonly related: readonly { readonly at: Span; readonly message: string }[];
  /** What to do. */
  readonly help?: string | undefined;
  readonly fixes: readonly Fix[];
  /** Of several pipelines looked at together: those that share the file with the mistake. */
  readonly usedBy?: readonly string[] | undefined;
};

/** So many are told of one compilation; then it looks no further, and there may be more. */
export const MOST_DIAGNOSTICS = 500;

/** A repair that a machine may apply: `sluice check --fix`. */
export type Fix = {
  readonly title: string;
  readonly edits: readonly { readonly at: Span; readonly text: string }[];
};
