/**
 * Everything that can be wrong with an expression, as data, with all wording about it. Unaware of
 * where in a pipeline the expression stands.
 */
import type { Diagnostic, Span } from '../../schema/diagnostic.ts';
import type { BinaryOperator } from '../../schema/expression.ts';
import { closest } from '../closest.ts';
import { rootOf } from '../expression/reference.ts';
import type { Root, Type } from '../expression/scope.ts';
import type { ShellPlace } from '../expression/shell-place.ts';
import { SIGNATURES } from '../expression/signature.ts';
import { LIMITS } from '../limits.ts';
import type { Spanned } from '../syntax.ts';
import {
  conditionHelp,
  listedMembers,
  minusHelp,
  missingMember,
  namedCharacter,
  operatorHelp,
  strayHelp,
  typeName,
  typeNames,
  unavailableHelp,
  unexpectedHelp,
  unknownFunctionHelp,
  unknownRootHelp,
} from './expression-help.ts';
import { shellWords } from './shell-words.ts';
import {
  brief,
  correction,
  count,
  diagnostic,
  NO_NUL,
  raised,
  suggestion,
  type Words,
} from './words.ts';

type At = { readonly at: Span };

type Facts = {
  'unclosed-expression': At;
  'empty-expression': At;
  'expression-too-large': At & { readonly limit: number };
  'text-beside-expression': At & { readonly text: string };
  'unclosed-string': At;
  'unknown-escape': At & { readonly written: string };
  'malformed-number': At & { readonly written: string };
  'inexact-number': At & { readonly written: string };
  'stray-character': At & { readonly found: string };
  /** `found` is empty at the expression's end. */
  'unexpected-token': At & { readonly found: string; readonly wanted: string };
  /** The name in front of the first dot. */
  'unknown-name': { readonly name: Spanned<string>; readonly known: readonly string[] };
  'unknown-member': {
    readonly root: Root;
    readonly name: Spanned<string>;
    readonly known: readonly string[];
    /** The step declares a secret of that name. */
    readonly secret: boolean;
  };
  'unavailable-name': At & { readonly root: Root; readonly place: string };
  /** A variable that the step itself declares, read outside of its commands. */
  'variable-of-step': { readonly name: Spanned<string> };
  /** `params` or `eval` alone, without what is meant of it. */
  'incomplete-name': At & { readonly name: string; readonly known: readonly string[] };
  'unknown-result': {
    readonly step: string;
    readonly port: Spanned<string>;
    readonly known: readonly string[];
  };
  'unreadable-result': At & {
    readonly step: string;
    readonly port: string;
    readonly type: string;
  };
  'matrix-result': At & { readonly step: string };
  'result-too-early': At & { readonly step: string; readonly place: string };
  'operator-types': At & {
    readonly operator: BinaryOperator;
    readonly left: Type;
    readonly right: Type;
  };
  /** `what` stands in front of "is": `a condition`, `the operand of \`!\``. */
  'expression-type': At & {
    readonly what: string;
    readonly found: Type;
    readonly wanted: readonly Type[];
  };
  'unknown-function': { readonly name: Spanned<string> };
  'argument-count': At & { readonly function: string; readonly given: number };
  'misplaced-raw': At & { readonly place: string };
  'computes-too-much': At & { readonly limit: number };
  'expression-fails': At & { readonly message: string };
  /** What git says is asked for where it says nothing. */
  'no-commit': At & { readonly name: string };
  /** The first word of a command is empty. */
  'no-program': At & { readonly text: string };
  'expression-in-quotes': At & { readonly place: Exclude<ShellPlace, 'word'> };
};

export type ExpressionCode = keyof Facts;
type Kind = ExpressionCode;

export type ExpressionProblem<K extends Kind = Kind> = {
  [Each in K]: { readonly kind: Each } & Facts[Each];
}[K];

const words: { readonly [K in Kind]: (problem: Facts[K]) => Words } = {
  'unclosed-expression': ({ at }) => ({
    at,
    message: 'this expression has no end',
    label: 'nothing closes this',
    help: 'an expression ends with `}}`',
  }),
  'empty-expression': ({ at }) => ({
    at,
    message: 'there is no expression between the braces',
    help: 'write a value such as `${{ params.seed }}`, or take the braces away',
  }),
  'expression-too-large': ({ at, limit }) => ({
    at,
    message: `this expression is longer than ${limit} names, numbers and signs`,
    help: 'compute it in a step, or give it as a parameter',
  }),
  'text-beside-expression': ({ at, text }) => ({
    at,
    message: `\`${text.length > 30 ? `${text.slice(0, 29)}…` : text}\` stands behind the expression`,
    help: 'a condition is one expression: join two with `&&` or `||` inside the same braces',
  }),
  'unclosed-string': ({ at }) => ({
    at,
    message: 'this text has no closing quote',
    label: 'it opens here',
    help: "`'it''s'` holds a single quote, `\"…\"` knows `\\n`, `\\\"` and `\\\\`",
  }),
  'unknown-escape': ({ at, written }) => ({
    at,
    message: `\`${written}\` is not an escape of a text in double quotes`,
    help:
      written === '\\u0000'
        ? NO_NUL
        : "for a backslash write `\\\\`, or use single quotes: `'C:\\data'`",
  }),
  'malformed-number': ({ at, written }) => ({
    at,
    message: `\`${brief(written)}\` is not a number`,
    help: 'numbers are written `40`, `0.5` or `1e-3`; text stands in quotes',
  }),
  'inexact-number': ({ at, written }) => ({
    at,
    message: `\`${brief(written)}\` cannot be kept exactly`,
    help: 'integers are exact up to 9007199254740991; write it as text in quotes if it is a name',
  }),
  'stray-character': ({ at, found }) => ({
    at,
    message: `${namedCharacter(found)} means nothing in an expression`,
    ...strayHelp(found),
  }),
  'unexpected-token': ({ at, found, wanted }) => ({
    at,
    message:
      found === '' ? `the expression ends where ${wanted} is missing` : `${wanted} is missing here`,
    ...(found !== '' && { label: `instead there is \`${found}\`` }),
    ...unexpectedHelp(found),
  }),
  'unknown-name': ({ name, known }) => ({
    at: name.span,
    message: `nothing has the name \`${name.value}\``,
    ...(SIGNATURES.has(name.value)
      ? { help: `a function is given its values in brackets: ${usageOf(name.value)}` }
      : (unknownRootHelp(name.value) ?? firstName(name, known))),
  }),
  'unknown-member': ({ root, name, known, secret }) => ({
    at: name.span,
    message: secret
      ? `\`${name.value}\` is a secret, whose value no expression may hold`
      : missingMember(root, name.value),
    ...(secret
      ? { help: `the command reads it from its environment: \`$${name.value}\`` }
      : (minusHelp(name.value, known) ??
        (root === 'git' ? correction : suggestion)(name, known, `\`${root}\` has`))),
  }),
  'unavailable-name': ({ at, root, place }) => ({
    at,
    message: `\`${root}\` has no meaning in ${place}`,
    ...unavailableHelp(root, place),
  }),
  'variable-of-step': ({ name }) => ({
    at: name.span,
    message: `\`${name.value}\` is this step's own variable, which only its commands can read`,
    help: 'use a parameter for both: `${{ params.x }}`',
  }),
  'incomplete-name': ({ at, name, known }) => ({
    at,
    message: `\`${name}\` alone is not a value`,
    help:
      known.length === 0
        ? `write \`${name}.\` and what of it is meant`
        : `write what of it is meant: ${listedMembers(name, known)}`,
  }),
  'unknown-result': ({ step, port, known }) => ({
    at: port.span,
    message: `step \`${step}\` has no port \`${port.value}\``,
    ...suggestion(port, known, `\`${step}\` has`),
  }),
  'unreadable-result': ({ at, step, port, type }) => ({
    at,
    message: `\`${step}.${port}\` is of type \`${type}\`, which an expression cannot read`,
    help: `expressions read ports of type \`metrics\` and \`value\`; files are wired with \`in: { ${port}: ${step}.${port} }\` and named \`\${{ in.${port} }}\``,
  }),
  'matrix-result': ({ at, step }) => ({
    at,
    message: `\`${step}\` has one result per instance of its matrix, and this does not say which`,
    help: `gather them in a step: \`in: { results: "${step}[*].…" }\`, and read that step's result`,
  }),
  'result-too-early': ({ at, step, place }) => ({
    at,
    message: `${place} must be known before the run, but this waits for step \`${step}\``,
    help: 'use a parameter, or decide it inside a step',
  }),
  'operator-types': ({ at, operator, left, right }) => ({
    at,
    message: `\`${operator}\` does not work on ${typeName(left)} and ${typeName(right)}`,
    ...operatorHelp(operator, left, right),
  }),
  'expression-type': ({ at, what, found, wanted }) => ({
    at,
    message: `${what} is ${typeNames(wanted)}, and this is ${typeName(found)}`,
    ...(wanted.includes('bool') && !wanted.includes('string') && conditionHelp(found)),
    ...(found === 'list' &&
      wanted.includes('string') && { help: "write `join(…, ' ')` or `json(…)`" }),
    ...(found === 'map' &&
      wanted.includes('string') && { help: 'name one of its fields, or write `json(…)`' }),
  }),
  'unknown-function': ({ name }) => ({
    at: name.span,
    message: `there is no function \`${name.value}\``,
    ...(unknownFunctionHelp(name.value) ?? correction(name, [...SIGNATURES.keys()], 'functions')),
  }),
  'argument-count': ({ at, function: name, given }) => ({
    at,
    message: `\`${name}\` cannot be given ${given === 1 ? 'one value' : `${given} values`}`,
    help: `write ${usageOf(name)}`,
  }),
  'misplaced-raw': ({ at, place }) => ({
    at,
    message: `\`raw\` means nothing in ${place}`,
    help: '`${{ raw(…) }}` stands by itself in a shell `run`, where it switches quoting off',
  }),
  'computes-too-much': ({ at, limit }) => ({
    at,
    message: `here the expressions have computed more than ${count(limit, 'value')}, which is the limit`,
    help: `each instance of a matrix computes its own: let a step compute what is long${raised(limit, LIMITS.computed)}`,
  }),
  'expression-fails': ({ at, message }) => ({ at, message }),
  'no-commit': ({ at, name }) => ({
    at,
    message: `\`git.${name}\` has no value: this project is in no git repository, or nothing is committed`,
    help: 'commit once, or take it from a parameter that whoever runs the pipeline gives',
  }),
  'no-program': ({ at, text }) => ({
    at,
    message: `a command begins with its program, and \`${text}\` is empty`,
    help: 'give it a value, or name the program here',
  }),
  'expression-in-quotes': ({ at, place }) => ({ at, ...shellWords[place] }),
};

/** A step may be meant, or what the language puts in front: only that is surely misspelt. */
const firstName = (name: Spanned<string>, known: readonly string[]) =>
  (rootOf(closest(name.value, known) ?? '') ? correction : suggestion)(
    name,
    known,
    'a name begins with',
  );

/** One problem in words. */
export const describeExpression = <K extends Kind>(problem: ExpressionProblem<K>): Diagnostic =>
  diagnostic(problem.kind, words[problem.kind](problem));

export const EXPRESSION_CODES: readonly string[] = Object.keys(words);

/** `join(list)` or `join(list, ' ')`, each marked as code. */
const usageOf = (name: string): string =>
  (SIGNATURES.get(name)?.usage ?? `${name}(…)`).replace(/\w+\((?:'[^']*'|[^')])*\)/g, '`$&`');
