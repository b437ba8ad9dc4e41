/** One line of `sluice doctor`. */
export type Finding = {
  readonly name: string;
  readonly ok: boolean;
  /** Every run needs it; else only some steps do. */
  readonly required: boolean;
  readonly detail: string;
  readonly remedy?: string;
};
