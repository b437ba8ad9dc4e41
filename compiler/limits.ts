/**
 * Every limit on what an author may write, in one place; messages quote them from here. They are
 * far beyond what a person writes and near enough that no file can hang or exhaust the compiler.
 */

export const LIMITS = {
  /** Of one YAML file. */
  fileBytes: 16 * 1024 * 1024,
  /** Names, values and signs of one YAML file: 50,000 steps. */
  lexemes: 5_000_000,
  /** Maps and lists inside one another, aliases followed. */
  nesting: 100,
  /** Values that all aliases of a file together stand for. */
  aliasedValues: 100_000,
  /** Reported of one file. */
  problems: 500,
  /** Of a step, a parameter, a port or any other name. */
  nameLength: 100,
  /** Of a `pattern`, and of what it is matched against. */
  patternLength: 1_000,
  /** Of a `pattern` with its counted repetitions written out. */
  patternStates: 10_000,
  /** Steps that all matrices and nested pipelines together may make. */
  instances: 100_000,
  /** Files that the globs of one step may match. */
  stepFiles: 100_000,
} as const;
