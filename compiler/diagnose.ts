/**
 * Turns the problems of all phases into diagnostics: each mistake once, however many instances it
 * showed in, and only fixes that a file of the project can take. Unaware of what is wrong.
 */
import type { Diagnostic, Span } from '../schema/diagnostic.ts';
import { LIMITS } from './limits.ts';
import { describe, type Problem } from './problems/problem.ts';
import { SYNTAX_CODES } from './problems/syntax.ts';

/** What one place can lack several of. Everywhere else, instances repeat one mistake. */
const SEVERAL: readonly string[] = ['missing-input', 'missing-param', 'missing-key'];

/** What is so of the project, and not of the place where it shows: that of the first will do. */
const ONCE: readonly string[] = ['no-commit'];

export type Diagnosis = {
  /** As much is wrong as is ever shown: nothing that is found from now on makes a difference. */
  readonly enough: () => boolean;
  readonly diagnostics: () => readonly Diagnostic[];
};

export type Judging = {
  readonly isProjectFile: (file: string) => boolean;
  readonly isMistake: (problem: Problem) => boolean;
};

/** Reads the list of problems as it grows. */
export function diagnosis(
  problems: readonly Problem[],
  { isProjectFile, isMistake }: Judging,
): Diagnosis {
  const seen = new Set<string>();
  const shown = new Set<string>();
  const unreadable = new Set<string>();
  const diagnostics: Diagnostic[] = [];
  let read = 0;
  const add = (problem: Problem) => {
    if (!isMistake(problem)) return;
    const sign = signOf(problem);
    if (seen.has(sign)) return;
    seen.add(sign);
    const diagnostic = describe(problem);
    const place = diagnostic.at === undefined ? '' : placeOf(diagnostic.at);
    const early = SYNTAX_CODES.includes(diagnostic.code);
    // What could not be read is not judged again for what it says.
    if (!early && unreadable.has(place)) return;
    const { code } = diagnostic;
    const several = diagnostic.at === undefined || SEVERAL.includes(code);
    const name = ONCE.includes(code)
      ? code
      : `${place} ${code} ${several ? diagnostic.message : ''}`;
    if (shown.has(name)) return;
    shown.add(name);
    if (early && place !== '') unreadable.add(place);
    diagnostics.push(withUsableFixes(diagnostic, isProjectFile));
  };
  const addAll = () => {
    for (; read < problems.length && diagnostics.length < LIMITS.problems; read++) {
      const problem = problems[read];
      if (problem !== undefined) add(problem);
    }
    return diagnostics;
  };
  return {
    enough: () =>
      diagnostics.length + problems.length - read >= LIMITS.problems &&
      addAll().length >= LIMITS.problems,
    diagnostics: addAll,
  };
}

const placeOf = ({ file, start, end }: Span): string => `${file}:${start}-${end}`;

/** What tells two problems apart, without describing them. */
function signOf(problem: Problem): string {
  const { kind } = problem;
  const parts: string[] = [];
  for (const part of Object.values(problem)) {
    // What is shown in several places is told apart by the first of them.
    const value: unknown = Array.isArray(part) && isPlaced(part[0]) ? part[0].at : part;
    if (typeof value === 'string' || typeof value === 'number') parts.push(String(value));
    else if (isSpan(value)) parts.push(placeOf(value));
    else if (isSpanned(value)) parts.push(placeOf(value.span));
    else if (kind === 'missing-key' && Array.isArray(value)) parts.push(value.join());
  }
  return parts.join(' ');
}

const isPlaced = (value: unknown): value is { readonly at: Span } =>
  typeof value === 'object' && value !== null && 'at' in value && isSpan(value.at);

const isSpan = (value: unknown): value is Span =>
  typeof value === 'object' && value !== null && 'start' in value && 'file' in value;

const isSpanned = (value: unknown): value is { readonly span: Span } =>
  typeof value === 'object' && value !== null && 'span' in value && isSpan(value.span);

/** The command line, the environment and the library are not ours to edit. */
function withUsableFixes(
  diagnostic: Diagnostic,
  isProjectFile: (file: string) => boolean,
): Diagnostic {
  const fixes = diagnostic.fixes.filter(fix =>
    fix.edits.every(edit => isProjectFile(edit.at.file)),
  );
  return fixes.length === diagnostic.fixes.length ? diagnostic : { ...diagnostic, fixes };
}
