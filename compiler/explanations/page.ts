/** What `sluice explain <code>` shows: prose for someone who meets the code for the first time. */
export type Explanation = {
  /** The fact in one line. */
  readonly title: string;
  readonly why: string;
  /** As an author would have written it, with the mistake. */
  readonly example: string;
  /** The same without it, or what to do. */
  readonly repair: string;
};

/** A page for each code of a union, and for no other. */
export type Pages<Code extends string> = { readonly [C in Code]: Explanation };

/** Several lines of an example. */
export const code = (...lines: readonly string[]): string => lines.join('\n');
