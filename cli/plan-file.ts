/**
 * A plan on disk: what `plan -o` saves and `run plan.json` makes true. Beside the plan stand the
 * fingerprints that were known when it was made, so that a world that has moved since is noticed
 * and named. Unaware of how plans are made or run.
 */
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Compilation } from '../compiler/compile.ts';
import type { ProjectFiles } from '../compiler/files.ts';
import type { Forecast } from '../runner/forecast.ts';
import type { ProjectState } from '../runner/project-state.ts';
import { byCodeUnit } from '../schema/canonical-json.ts';
import { explain, type Fingerprint } from '../schema/fingerprint.ts';
import { type Digest, type StepId, sha256, stepId } from '../schema/id.ts';
import type { Plan } from '../schema/plan.ts';
import { errorCode } from '../store/fault.ts';
import { describeChange } from '../ui/words.ts';
import type { GitState } from './git.ts';
import { installation } from './project.ts';
import { CommandError, usageError, writing } from './usage.ts';

const PLAN_FILE_FORMAT = 5;

export type PlanFile = {
  readonly format: typeof PLAN_FILE_FORMAT;
  readonly plan: Plan;
  /** Step → what its key was made of, where that was known. */
  readonly known: Readonly<Record<string, Fingerprint>>;
  /** Of the others: that much of it as was known. */
  readonly later: Readonly<Record<string, Fingerprint | null>>;
  readonly project: ProjectState;
  /** What the patterns of the pipeline found. */
  readonly patterns: readonly FoundPaths[];
  /** What git said of all that the pipeline's files ask of it. */
  readonly git: GitAnswers;
};

/** As written: with the digest of all the rest, so that what was edited is not taken for a plan. */
type SealedPlanFile = PlanFile & { readonly seal: Digest };

const sealOf = (file: Partial<PlanFile>): Digest => sha256(JSON.stringify(file));

type FoundPaths = { readonly patterns: readonly string[]; readonly paths: readonly string[] };

/** What a plan is made from, beside itself. */
export type World = {
  readonly forecasts: readonly Forecast[];
  readonly later: (steps: ReadonlySet<StepId>) => Promise<PlanFile['later']>;
  readonly project: ProjectState;
  readonly files: Pick<ProjectFiles, 'glob'>;
  readonly git: () => GitState | undefined;
};

export async function writePlanFile(
  path: string,
  plan: Plan,
  { looks, sources }: Pick<Compilation, 'looks' | 'sources'>,
  { forecasts, later, project, files, git }: World,
): Promise<void> {
  const known = fingerprints(forecasts);
  const others = plan.steps.filter(({ id }) => known[id] === undefined);
  const file: PlanFile = {
    format: PLAN_FILE_FORMAT,
    plan,
    known,
    later: await later(new Set(others.map(({ id }) => id))),
    project,
    patterns: looks.flatMap(look =>
      look.kind === 'glob'
        ? [{ patterns: look.patterns, paths: files.glob(look.patterns).files }]
        : [],
    ),
    git: answersOfGit(askedOfGit(sources), git),
  };
  const sealed: SealedPlanFile = { ...file, seal: sealOf(file) };
  const text = `${JSON.stringify(sealed, null, 2)}\n`;
  await writing(path, async () => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  });
}

type GitAnswers = Readonly<Partial<Record<keyof GitState, GitState[keyof GitState] | null>>>;

const GIT_FACTS: readonly (keyof GitState)[] = ['commit', 'branch', 'dirty'];

const askedOfGit = (sources: Compilation['sources']): readonly (keyof GitState)[] =>
  GIT_FACTS.filter(fact =>
    [...sources.values()].some(text =>
      new RegExp(`\\bgit\\s*(?:\\.\\s*|\\[\\s*["'])${fact}\\b`).test(text),
    ),
  );

const answersOfGit = (facts: readonly (keyof GitState)[], git: World['git']): GitAnswers => {
  const state = facts.length === 0 ? undefined : git();
  return Object.fromEntries(facts.map(fact => [fact, state?.[fact] ?? null]));
};

const fingerprints = (forecasts: readonly Forecast[]): Readonly<Record<string, Fingerprint>> =>
  Object.fromEntries(
    forecasts.flatMap(({ step, answer }) => ('key' in answer ? [[step, answer.fingerprint]] : [])),
  );

/** Throws CommandError for a file that is no plan of this version. */
export async function readPlanFile(path: string): Promise<PlanFile> {
  const file = parsed(path);
  const { Ajv } = await import('ajv');
  const schema = readFileSync(join(installation(), 'schema', 'plan.schema.json'), 'utf8');
  const validate = new Ajv({ strict: false }).compile<Plan>(JSON.parse(schema));
  const other = (why: string) =>
    usageError(
      `${path} is not a plan: ${why}`,
      'make it with `sluice plan -o plan.json`, and do not edit it',
    );
  if (!validate(file.plan)) {
    const [first] = validate.errors ?? [];
    throw other(`${first?.instancePath || 'it'} ${first?.message ?? 'is of another shape'}`);
  }
  const missing = missingStep(file.plan);
  if (missing !== undefined) throw other(`it names a step \`${missing}\`, which it does not have`);
  return file;
}

function isOfThisVersion(value: unknown): value is SealedPlanFile {
  if (!isRecord(value)) return false;
  const { format, known, later, project, patterns, git }: Partial<Record<keyof PlanFile, unknown>> =
    value;
  const hasState = isRecord(known) && Object.values(known).every(isRecord) && isRecord(later);
  const hasWorld = isRecord(project) && Array.isArray(patterns) && isRecord(git);
  return format === PLAN_FILE_FORMAT && hasState && hasWorld;
}

function parsed(path: string): PlanFile {
  try {
    const value = JSON.parse(readFileSync(path, 'utf8'));
    if (isOfThisVersion(value)) return unsealed(value, path);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    if (errorCode(error) === 'ENOENT') {
      throw usageError(
        `there is no plan ${path}`,
        'save one with `sluice plan -o plan.json`; a pipeline is named without `.json`',
      );
    }
    // The system's or the parser's own words say more than ours could.
    throw usageError(`${path} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
  throw usageError(
    `${path} was not written by \`sluice plan -o\` of this version`,
    'make it again with `sluice plan -o plan.json`',
  );
}

function unsealed({ seal, ...file }: SealedPlanFile, path: string): PlanFile {
  if (seal === sealOf(file)) return file;
  throw usageError(
    `${path} is not what was written there: somebody has edited it, or a part is missing`,
    'make it again with `sluice plan -o plan.json`, with the options that it should have',
  );
}

const isRecord = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** What a step of the plan takes from, or waits for, and is none of its steps. */
function missingStep({ steps }: Plan): string | undefined {
  const there = new Set<string>(steps.map(({ id }) => id));
  const sources = steps.flatMap(({ inputs }) => Object.values(inputs).flatMap(({ from }) => from));
  const makers = sources.flatMap(source => (source.kind === 'output' ? [source.step] : []));
  return [...makers, ...steps.flatMap(({ needs }) => needs)].find(step => !there.has(step));
}

/** What differs now from what the plan was made from, in words; empty when nothing moved. */
export async function whatMoved(
  file: PlanFile,
  world: World,
  ownPath: string,
): Promise<readonly string[]> {
  const now = new Map(Object.entries(fingerprints(world.forecasts)));
  const steps = Object.entries(file.known).flatMap(([step, before]) => {
    const after = now.get(step);
    if (after === undefined) return [`${step}: what it takes is not known any more`];
    return differences(step, before, after);
  });
  const laterNow = await world.later(new Set(Object.keys(file.later).map(stepId)));
  const others = Object.entries(file.later).flatMap(([step, before]) =>
    differences(step, before, laterNow[step] ?? null),
  );
  // What those take is not compared above; neither are files that no step had.
  const paths = differing(file.project, world.project).map(path => `${path} changed`);
  const found = file.patterns.flatMap(({ patterns, paths }) => [
    ...new Set(paths).symmetricDifference(new Set(world.files.glob(patterns).files)),
  ]);
  const matches = [...new Set(found)]
    .filter(path => path !== ownPath)
    .map(path => `${path} is new or gone, and matches a pattern`);
  return [...steps, ...others, ...paths, ...matches, ...movedInGit(file.git, world.git)];
}

function movedInGit(before: GitAnswers, git: World['git']): readonly string[] {
  const facts = GIT_FACTS.filter(fact => fact in before);
  const now = answersOfGit(facts, git);
  const words = (answer: GitAnswers[keyof GitState]) => answer ?? 'without a value';
  return facts
    .filter(fact => now[fact] !== before[fact])
    .map(fact => `git.${fact} was ${words(before[fact])}, and is ${words(now[fact])}`);
}

function differences(
  step: string,
  before: Fingerprint | null,
  after: Fingerprint | null,
): readonly string[] {
  if (before === null || after === null) {
    return before === after
      ? []
      : [`${step}: what it runs in can ${after ? 'be had now' : 'no longer be had'}`];
  }
  return explain(before, after).map(change => `${step}: ${describeChange(change)}`);
}

const differing = (before: ProjectState, now: ProjectState): readonly string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(now)])]
    .filter(path => before[path] !== now[path])
    .sort(byCodeUnit);
