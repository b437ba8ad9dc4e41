/**
 * Every limit on what an author may write, in one place; messages quote them from here. They are
 * far beyond what a person writes and near enough that no file can hang or exhaust the compiler:
 * whatever it holds, about two seconds and 512 MB see it compiled or refused; `node bench/hostile.ts`
 * marks what takes more.
 */
import { MOST_DIAGNOSTICS } from '../schema/diagnostic.ts';

export const LIMITS = {
  /** Of one YAML file, and of all of a pipeline, unless `limits.file` says otherwise: 10,000 steps of 100 letters. */
  fileBytes: 1024 * 1024,
  /** A file may hold one value for so many of the bytes that it may have. */
  bytesPerValue: 8,
  /**
   * Names, values and signs of a file that needs the complete parser (see yaml/everyday.ts), which
   * takes ten times the memory: 4,000 steps.
   */
  lexemes: 300_000,
  /** Maps and lists inside one another, aliases followed. */
  nesting: 100,
  /** Values that all aliases of a file together stand for. */
  aliasedValues: 100_000,
  /** Reported of one file, and of a pipeline in all: a person reads a screen or two. */
  problems: MOST_DIAGNOSTICS,
  /** Axes of one matrix. */
  axes: 16,
  /** Environment variables that one map declares. */
  variables: 1_000,
  /** Parameters, ports, labels and the like in one map. */
  entries: 2_000,
  /** Pipelines inside one another. */
  pipelines: 100,
  /** Bytes in the name of a file or a folder: what file systems take. */
  fileName: 255,
  /** Folders inside one another on the way to an output. */
  folders: 32,
  /** Different patterns in all `files` together, paths aside. */
  globs: 1_000,
  /** Of a step, a parameter, a port or any other name. */
  nameLength: 100,
  /** Of a `pattern`, and of what it is matched against. */
  patternLength: 1_000,
  /** Of a `pattern` with its counted repetitions written out. */
  patternStates: 10_000,
  /** Steps that all matrices and nested pipelines may make, unless `limits.instances` says so. */
  instances: 100_000,
  /** Names, signs and values that expressions compute, for each of these; a usual one takes 20. */
  computed: 50,
  /** Characters of a text that holds expressions. */
  textLength: 16 * 1024 * 1024,
  /** Different sets of axes by which instances of one matrix are chosen: four axes have 15. */
  selections: 16,
  /** Wires and needs between all instances. */
  links: 4_000_000,
  /** Bytes that instances take beyond what they have in common, for each that there may be. */
  ownBytes: 3_200,
  /** Characters in a Plan, names of fields and entries included; a usual instance has 3,000. */
  planSize: 400 * 1024 * 1024,
  /** Files that the globs of one step may match. */
  stepFiles: 100_000,
} as const;

/** What `limits` in `sluice.yaml` may raise, and how far: beyond, memory ends before the work. */
export const MOST = { instances: 250_000, fileBytes: 64 * 1024 * 1024 } as const;
