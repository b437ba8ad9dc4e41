/**
 * What to say to the slips that people bring along from other languages, and small pieces of prose
 * about expressions. Unaware of where they stand.
 */
import type { BinaryOperator } from '../../schema/expression.ts';
import type { Root, Type } from '../expression/scope.ts';
import { choices, unicode, type Words } from './words.ts';

type Help = Pick<Words, 'help'>;

const TYPE_NAMES: { readonly [T in Type]: string } = {
  int: 'an integer',
  float: 'a number',
  bool: 'a boolean',
  string: 'a string',
  list: 'a list',
  map: 'a map',
  null: 'null',
  unknown: 'a value of unknown type',
};

export const typeName = (type: Type): string => TYPE_NAMES[type];

/** `an integer or a number` says one thing twice. */
export const typeNames = (types: readonly Type[]): string => {
  const distinct = types.filter(type => type !== 'int' || !types.includes('float'));
  const names = distinct.map(typeName);
  const last = names.pop() ?? 'nothing';
  return names.length === 0 ? last : `${names.join(', ')} or ${last}`;
};

/** Beyond ASCII with its number: look-alikes cannot be told apart by eye, and some have no look. */
export function namedCharacter(found: string): string {
  const [first = ''] = found;
  if (first === '`') return 'the backtick';
  if (/^[!-~]$/.test(first)) return `\`${found}\``;
  const number = unicode(first.codePointAt(0) ?? 0);
  const hasLook = /^[\p{L}\p{N}\p{P}\p{S}]$/u.test(first);
  return hasLook ? `\`${first}\` (${number})` : `the character ${number}`;
}

const STRAYS: ReadonlyMap<string, string> = new Map([
  ['=', 'compare with `==`; an expression changes nothing'],
  ['&', 'and is written `&&`'],
  ['|', 'or is written `||`'],
  ['~', 'not is written `!`'],
  ['^', 'a power is written as a product: `x * x`'],
  [';', 'an expression is one value, without `;`'],
  ['$', 'inside the braces names stand bare: `params.seed`'],
  ['${{', 'inside the braces names stand bare: `params.seed`'],
  ['{', 'maps cannot be written in an expression; give one as a parameter'],
  ['}', 'an expression ends with two braces, `}}`'],
  ['`', "text stands in single or double quotes: `'…'`"],
  ['#', 'comments cannot stand in an expression'],
  ['@', 'a port is read as `step.port`'],
  ['\\', 'text stands in quotes'],
  ['“', "text stands in plain quotes: `'…'`"],
  ['”', "text stands in plain quotes: `'…'`"],
  ['‘', "text stands in plain quotes: `'…'`"],
  ['’', "text stands in plain quotes: `'…'`"],
  ['–', 'this is a dash; minus is `-`'],
  ['−', 'minus is written with the plain `-`'],
  ['×', 'a product is written with `*`'],
  ['≥', 'write `>=`'],
  ['≤', 'write `<=`'],
  ['≠', 'write `!=`'],
]);

export const strayHelp = (found: string): Help => {
  const help = STRAYS.get(found) ?? STRAYS.get([...found][0] ?? '');
  return help === undefined ? {} : { help };
};

const UNEXPECTED: ReadonlyMap<string, string> = new Map([
  ['and', '`and` is written `&&`'],
  ['or', '`or` is written `||`'],
  ['not', '`not` is written `!`, right in front of what it denies: `!done`'],
  ['is', 'compare with `==`'],
  ['if', 'a choice is written `condition ? a : b`'],
  ['in', 'membership cannot be asked for in an expression'],
  ['*', 'a power is written as a product: `x * x`'],
  ['/', 'a quotient is written `a / b`; for whole numbers `round(a / b)`'],
  ['+', 'nothing can be counted up: write `x + 1`'],
  [')', 'a bracket closes that was never opened, or a value is missing in front of it'],
  [']', 'a bracket closes that was never opened, or a value is missing in front of it'],
]);

export const unexpectedHelp = (found: string): Help => {
  const help = UNEXPECTED.get(found);
  return help === undefined ? {} : { help };
};

/** First names that other tools know, and that have another place here. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['steps', 'a step is named directly: `eval.metrics.accuracy`'],
  ['needs', 'a step is named directly: `eval.metrics.accuracy`'],
  ['secrets', 'a secret is listed under `secrets:` and read from the environment: `$NAME`'],
  ['inputs', 'inputs are `in.<port>`, parameters `params.<name>`'],
  ['outputs', 'outputs are `out.<port>`'],
  ['github', 'the commit is `git.commit`, the branch `git.branch`'],
  ['with', 'parameters are `params.<name>`'],
  ['vars', 'parameters are `params.<name>`'],
  ['yes', 'write `true`'],
  ['on', 'write `true`'],
  ['no', 'write `false`'],
  ['off', 'write `false`'],
  ['True', 'write `true`'],
  ['False', 'write `false`'],
  ['None', 'write `null`'],
]);

export function unknownRootHelp(name: string): Help | undefined {
  const help = ELSEWHERE.get(name);
  return help === undefined ? undefined : { help };
}

const AFTER_SUCCESS = 'a step runs once all that it needs has succeeded, and only then';

/** Functions that other tools know. */
const FUNCTIONS: ReadonlyMap<string, string> = new Map([
  ['not', '`not` is written `!`: `!(a && b)`'],
  ['and', '`and` is written `&&`, between its two sides'],
  ['or', '`or` is written `||`, between its two sides'],
  ['success', `leave it out: ${AFTER_SUCCESS}`],
  ['always', AFTER_SUCCESS],
  ['failure', AFTER_SUCCESS],
  ['cancelled', AFTER_SUCCESS],
  ['toJSON', 'it is called `json` here'],
  ['hashFiles', 'nothing to write: what a step reads is part of its key'],
  ['contains', 'membership cannot be asked for in an expression'],
  ['startsWith', 'texts are compared whole: `==`, `<`'],
  ['endsWith', 'texts are compared whole: `==`, `<`'],
  ['str', "for a text write `format('{}', x)`"],
  ['int', 'for a whole number write `round(x)`'],
  ['abs', 'write `max(x, -x)`'],
]);

export function unknownFunctionHelp(name: string): Help | undefined {
  const help = FUNCTIONS.get(name);
  return help === undefined ? undefined : { help };
}

const MEMBERS: { readonly [R in Root]: (name: string) => string } = {
  params: name => `there is no parameter \`${name}\``,
  matrix: name => `the matrix has no axis \`${name}\``,
  env: name => `\`${name}\` is not declared in \`env\``,
  git: name => `\`git\` has no \`${name}\``,
  in: name => `this step has no input \`${name}\``,
  out: name => `this step has no output \`${name}\``,
};

export const missingMember = (root: Root, name: string): string => MEMBERS[root](name);

/** `epochs-1` is a name, because names may hold a `-`. */
export function minusHelp(name: string, known: readonly string[]): Help | undefined {
  const at = name.lastIndexOf('-');
  const before = name.slice(0, at);
  if (at < 0 || !known.includes(before)) return undefined;
  return {
    help: `names may contain \`-\`; to subtract, put spaces around it: \`${before} - ${name.slice(at + 1)}\``,
  };
}

const WORKDIR = 'only a command and its `env` know paths of the working directory';

const UNAVAILABLE: { readonly [R in Root]?: string } = {
  matrix: 'give the step a `matrix:` with axes',
  env: 'variables of one `env` are not made of each other: use a parameter in both, `${{ params.x }}`',
  in: WORKDIR,
  out: WORKDIR,
};

export const unavailableHelp = (root: Root, place: string): Help => {
  const help = place.startsWith('the definition')
    ? 'declare a parameter in this manifest; whoever uses the step gives it: `with: { x: ${{ … }} }`'
    : root === 'matrix' && place === 'a matrix'
      ? 'axes do not depend on each other: write the combinations that are meant under `include`'
      : UNAVAILABLE[root];
  return help === undefined ? {} : { help };
};

export function operatorHelp(operator: BinaryOperator, left: Type, right: Type): Help {
  const types = [left, right];
  const text = types.includes('string');
  if (operator === '+' && text) {
    return { help: "write them side by side, `${{ a }}${{ b }}`, or `format('{}{}', a, b)`" };
  }
  if (operator === '&&' || operator === '||') {
    return { help: "compare first: `x > 0`, `name != ''`" };
  }
  if (/^[<>]/.test(operator) && types.includes('bool')) {
    return { help: 'compare two at a time: `a < b && b < c`' };
  }
  if (text && (operator === '==' || operator === '!=')) {
    return {
      help: 'values of different types are never equal; quote the number, or compare numbers',
    };
  }
  return {};
}

export const conditionHelp = (found: Type): Help => {
  if (found === 'string') return { help: "compare it: `name != ''`" };
  return found === 'int' || found === 'float' ? { help: 'compare it: `x > 0`' } : {};
};

export const listedMembers = (name: string, members: readonly string[]): string =>
  choices(members.map(member => `${name}.${member}`));
