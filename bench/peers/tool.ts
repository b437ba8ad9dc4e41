/** What the comparison wants to know of a tool. Unaware of how it is measured. */

export type Project = {
  /** Absolute, empty. */
  readonly folder: string;
  readonly count: number;
  /** Absolute; every execution of a task adds a line, so that hits and misses are counted. */
  readonly counter: string;
};

export type Tool = {
  readonly name: string;
  /** What it looks at to decide; from its documentation. */
  readonly decidesBy: string;
  readonly version: () => string;
  /** Writes `count` tasks, each copying a file of one line. */
  readonly prepare: (project: Project) => void;
  /** Makes everything that is not made. */
  readonly command: readonly [program: string, ...args: string[]];
  readonly env?: Readonly<Record<string, string>>;
  /** Where the first task reads, and where its copy is then; undefined where it lies in a store. */
  readonly firstInput: string;
  readonly firstOutput: string | undefined;
};

/** The command of one task. */
export const copying = (from: string, to: string, counter: string): string =>
  `cp ${from} ${to} && echo ran >> '${counter}'`;
