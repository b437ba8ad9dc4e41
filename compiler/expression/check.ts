/**
 * Checks an expression before anything is evaluated: every name is declared, every operator and
 * function gets what it can take. A mistake makes its part `unknown`, so that one mistake is one
 * problem. Unaware of values and of where the scope comes from.
 */

import { assertNever } from '../../schema/assert-never.ts';
import { namesOf } from '../known-names.ts';
import type { ExpressionProblem } from '../problems/expression.ts';
import type { Spanned } from '../syntax.ts';
import { type Reference, referenceOf, rootOf } from './reference.ts';
import { ROOTS, type Root, type Scope, type Type } from './scope.ts';
import { SIGNATURES } from './signature.ts';
import type { Name, ParsedExpression, Place, Tree } from './tree.ts';

export type Typed = { readonly type: Type; readonly problems: readonly ExpressionProblem[] };

/** The type of an expression in a scope, and everything that is wrong with it. */
export function typeOf(expression: ParsedExpression, scope: Scope): Typed {
  const problems: ExpressionProblem[] = [];
  const type = visit(expression.tree, { scope, text: expression.text, problems });
  return { type, problems };
}

/** Is a value of type `found` one of `wanted`? An integer is a number; the unknown may be anything. */
export const isOneOf = (found: Type, wanted: readonly Type[]): boolean =>
  found === 'unknown' || wanted.includes(found) || (found === 'int' && wanted.includes('float'));

type Context = {
  readonly scope: Scope;
  readonly text: ParsedExpression['text'];
  readonly problems: ExpressionProblem[];
};

const spanOf = ({ text }: Context, { start, end }: Place) => text.part(start, end);

const spanned = (context: Context, name: Name): Spanned<string> => ({
  value: name.name,
  span: spanOf(context, name),
});

function report(context: Context, problem: ExpressionProblem): 'unknown' {
  context.problems.push(problem);
  return 'unknown';
}

function visit(tree: Tree, context: Context): Type {
  switch (tree.kind) {
    case 'literal':
      return tree.type;
    case 'list':
      for (const item of tree.items) visit(item, context);
      return 'list';
    case 'name':
    case 'member':
    case 'index': {
      const reference = referenceOf(tree);
      return reference === undefined ? inside(tree, context) : named(reference, tree, context);
    }
    case 'unary':
      return unary(tree, context);
    case 'binary':
      return binary(tree, context);
    case 'conditional': {
      expect(tree.test, ['bool'], 'what stands in front of `?`', context);
      return common(visit(tree.then, context), visit(tree.otherwise, context));
    }
    case 'call':
      return call(tree, context);
    default:
      return assertNever(tree);
  }
}

type Of<Kind extends Tree['kind']> = Extract<Tree, { readonly kind: Kind }>;

/** Visits a part that has to be of one of some types. */
function expect(tree: Tree, wanted: readonly Type[], what: string, context: Context): Type {
  const found = visit(tree, context);
  if (isOneOf(found, wanted)) return found;
  return report(context, {
    kind: 'expression-type',
    at: spanOf(context, tree),
    what,
    found,
    wanted,
  });
}

const common = (a: Type, b: Type): Type => {
  if (a === b) return a;
  return isNumber(a) && isNumber(b) ? 'float' : 'unknown';
};

const isNumber = (type: Type): boolean => type === 'int' || type === 'float';

/** A member or an element of something that is not a plain name: `range(3)[0]`. */
function inside(tree: Tree, context: Context): Type {
  if (tree.kind === 'member') expect(tree.of, ['map'], 'what has a field', context);
  if (tree.kind === 'index') {
    const of = expect(tree.of, ['list', 'map'], 'what is looked into with `[…]`', context);
    if (of === 'list') expect(tree.at, ['int'], 'the position in a list', context);
    else if (of === 'map') expect(tree.at, ['string'], 'the name in a map', context);
    else expect(tree.at, ['int', 'string'], 'what stands in `[…]`', context);
  }
  return 'unknown';
}

function named(reference: Reference, tree: Tree, context: Context): Type {
  const root = rootOf(reference.root.name);
  return root === undefined
    ? result(reference, tree, context)
    : member(root, reference, tree, context);
}

function member(root: Root, { path }: Reference, tree: Tree, context: Context): Type {
  const at = spanOf(context, tree);
  const { ownEnv, place } = context.scope;
  const known = context.scope.roots[root];
  if (known === undefined) return report(context, { kind: 'unavailable-name', at, root, place });
  const [name, ...fields] = path;
  if (name === undefined) {
    return report(context, { kind: 'incomplete-name', at, name: root, known: namesOf(known) });
  }
  if (root === 'env' && ownEnv?.has(name.name))
    return report(context, { kind: 'variable-of-step', name: spanned(context, name) });
  const type = known.get(name.name);
  if (type === undefined) {
    // A step that has taken the name of something else is reported; it is what was meant.
    if (context.scope.steps.find(root) !== undefined) return 'unknown';
    const names = namesOf(known);
    return report(context, {
      kind: 'unknown-member',
      root,
      name: spanned(context, name),
      known: names,
      secret: root === 'env' && context.scope.secrets?.has(name.name) === true,
    });
  }
  if (fields.length === 0) return type;
  if (isOneOf(type, ['map'])) return 'unknown';
  const what = `what has a field \`${fields[0]?.name}\``;
  return report(context, { kind: 'expression-type', at, what, found: type, wanted: ['map'] });
}

/** By the names of steps, then by the roots that are there: what many scopes share is made once. */
const lists = new WeakMap<readonly string[], Map<string, readonly string[]>>();

function namesIn(scope: Context['scope']): readonly string[] {
  const steps = scope.steps.names();
  const roots = ROOTS.filter(name => scope.roots[name] !== undefined);
  const made = lists.get(steps) ?? new Map<string, readonly string[]>();
  const names = made.get(roots.join()) ?? [...roots, ...steps];
  lists.set(steps, made.set(roots.join(), names));
  return names;
}

function result({ root, path }: Reference, tree: Tree, context: Context): Type {
  const { scope } = context;
  const step = root.name;
  const found = scope.steps.find(step);
  const at = spanOf(context, tree);
  if (found === undefined) {
    const known = namesIn(scope);
    return report(context, { kind: 'unknown-name', name: spanned(context, root), known });
  }
  if (scope.results === 'refused') {
    return report(context, { kind: 'result-too-early', at, step, place: scope.place });
  }
  if (found.kind === 'broken') return 'unknown';
  if (found.kind === 'matrix') return report(context, { kind: 'matrix-result', at, step });
  const [port, ...fields] = path;
  if (port === undefined) {
    const known = [...found.ports.keys()].filter(name => isReadable(found.ports.get(name) ?? ''));
    return report(context, { kind: 'incomplete-name', at, name: step, known });
  }
  const type = found.ports.get(port.name);
  if (type === undefined) {
    const known = [...found.ports.keys()];
    return report(context, { kind: 'unknown-result', step, port: spanned(context, port), known });
  }
  if (!isReadable(type)) {
    return report(context, { kind: 'unreadable-result', at, step, port: port.name, type });
  }
  return fields.length === 0 && type.startsWith('metrics') ? 'map' : 'unknown';
}

const isReadable = (portType: string): boolean => /^(?:metrics|value)(?:[/@]|$)/.test(portType);

function unary({ operator, operand }: Of<'unary'>, context: Context): Type {
  if (operator === '!') {
    expect(operand, ['bool'], 'the operand of `!`', context);
    return 'bool';
  }
  return expect(operand, ['int', 'float'], 'the operand of `-`', context);
}

function binary(tree: Of<'binary'>, context: Context): Type {
  const { operator } = tree;
  const left = visit(tree.left, context);
  const right = visit(tree.right, context);
  const type = operated(operator, left, right);
  if (type !== undefined) return type;
  return report(context, {
    kind: 'operator-types',
    at: spanOf(context, tree.operatorAt),
    operator,
    left,
    right,
  });
}

/** What an operator makes of two types; undefined when it cannot take them. */
function operated(operator: Of<'binary'>['operator'], left: Type, right: Type): Type | undefined {
  const both = (...types: readonly Type[]) => isOneOf(left, types) && isOneOf(right, types);
  switch (operator) {
    case '&&':
    case '||':
      return both('bool') ? 'bool' : undefined;
    case '==':
    case '!=':
      return comparable(left, right) ? 'bool' : undefined;
    case '<':
    case '<=':
    case '>':
    case '>=':
      return both('int', 'float') || both('string') ? 'bool' : undefined;
    case '+':
      if (left === 'unknown' && right === 'unknown') return 'unknown';
      if (both('string')) return 'string';
      return both('int', 'float') ? number(left, right) : undefined;
    case '/':
      return both('int', 'float') ? 'float' : undefined;
    case '-':
    case '*':
    case '%':
      return both('int', 'float') ? number(left, right) : undefined;
    default:
      return assertNever(operator);
  }
}

/** Of a number that is not known yet it is open whether it is an integer. */
const number = (left: Type, right: Type): Type => {
  if (left === 'float' || right === 'float') return 'float';
  return left === 'int' && right === 'int' ? 'int' : 'unknown';
};

const comparable = (left: Type, right: Type): boolean =>
  left === right ||
  [left, right].some(type => type === 'unknown' || type === 'null') ||
  (isNumber(left) && isNumber(right));

function call(tree: Of<'call'>, context: Context): Type {
  const { name } = tree.function;
  const signature = SIGNATURES.get(name);
  const given = tree.arguments.map(argument => visit(argument, context));
  if (signature === undefined) {
    return report(context, { kind: 'unknown-function', name: spanned(context, tree.function) });
  }
  if (name === 'raw') {
    // Where it is allowed, command.ts has taken it off before the expression comes here.
    const { place } = context.scope;
    return report(context, { kind: 'misplaced-raw', at: spanOf(context, tree.function), place });
  }
  if (given.length < signature.least || given.length > signature.most) {
    const at = spanOf(context, tree);
    return report(context, { kind: 'argument-count', at, function: name, given: given.length });
  }
  const before = context.problems.length;
  for (const [index, found] of given.entries()) {
    const wanted = signature.takes[Math.min(index, signature.takes.length - 1)] ?? [];
    const argument = tree.arguments[index];
    if (argument === undefined || isOneOf(found, wanted)) continue;
    const at = spanOf(context, argument);
    const what = `what \`${name}\` takes here`;
    report(context, { kind: 'expression-type', at, what, found, wanted });
  }
  return context.problems.length > before ? 'unknown' : signature.gives(given);
}
