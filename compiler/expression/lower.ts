/**
 * Turns checked expressions into the data of a Plan: parameters, axes, environment, git and paths
 * become literals, and what is known is computed, by the function the runner uses for the rest.
 * Only what reads another step's result stays. Unaware of types; check.ts has seen to names.
 */
import { assertNever } from '../../schema/assert-never.ts';
import type { Json } from '../../schema/canonical-json.ts';
import { evaluate, lookUp, type ReadResult } from '../../schema/evaluate.ts';
import type { Expression, Scope as Variables } from '../../schema/expression.ts';
import type { ExpressionProblem } from '../problems/expression.ts';
import { type Meter, weightOf } from './meter.ts';
import { type Reference, referenceOf, rootOf } from './reference.ts';
import type { ParsedExpression, Place, Tree } from './tree.ts';

/** The values of one instance of a step. Undefined for what is not there: that was reported. */
export type Bindings = {
  /** Usually a literal; an expression where a value waits for a result itself. */
  readonly variable: (scope: Variables, name: string) => Expression | undefined;
  /** A path in the working directory, or a list of them. */
  readonly path: (side: 'in' | 'out', port: string) => Json | undefined;
  /** The address of the step that a name means: steps of a nested pipeline have longer ones. */
  readonly step: (name: string) => string;
  /** The instance that this is for, where there are several of the step. */
  readonly instance?: string | undefined;
  readonly meter?: Meter | undefined;
};

export type Lowered = {
  /** Undefined when there are problems, or were some when it was checked. */
  readonly expression: Expression | undefined;
  readonly problems: readonly ExpressionProblem[];
};

export function lower({ tree, text }: ParsedExpression, bindings: Bindings): Lowered {
  const problems: ExpressionProblem[] = [];
  const expression = visit(tree, {
    bindings,
    spend: (cost, { start, end }) => {
      const { meter } = bindings;
      if (meter === undefined) return true;
      const before = meter.left;
      meter.left -= cost;
      const { left, limit } = meter;
      // Said once: whatever else there is to compute is too much as well.
      if (before >= 0 && left < 0)
        problems.push({ kind: 'computes-too-much', at: text.part(start, end), limit });
      return left >= 0;
    },
    written: ({ start, end }) => text.value.slice(start, end),
    fail: ({ start, end }, message) => {
      problems.push({ kind: 'expression-fails', at: text.part(start, end), message });
    },
    noCommit: ({ start, end }, name) => {
      problems.push({ kind: 'no-commit', at: text.part(start, end), name });
    },
  });
  return { expression, problems };
}

export const literal = (value: Json): Expression => ({ kind: 'literal', value });

type Context = {
  readonly bindings: Bindings;
  readonly written: (place: Place) => string;
  readonly fail: (at: Tree, message: string) => void;
  /** Git has no answer: for what it is asked, nothing is worse than an error. */
  readonly noCommit: (at: Tree, name: string) => void;
  /** Whether so much may still be computed. */
  readonly spend: (cost: number, at: Place) => boolean;
};

type Lowering = Expression | undefined;

const nothing: ReadResult = () => undefined;

function visit(tree: Tree, context: Context): Lowering {
  if (!context.spend(1, tree)) return undefined;
  switch (tree.kind) {
    case 'literal':
      return literal(tree.value);
    case 'list':
      return all(tree.items, context, items => fold({ kind: 'list', items }, items, tree, context));
    case 'name':
    case 'member':
    case 'index': {
      const reference = referenceOf(tree);
      return reference === undefined ? inside(tree, context) : named(reference, tree, context);
    }
    case 'unary':
      return all([tree.operand], context, ([operand]) => {
        if (operand === undefined) return undefined;
        const { operator } = tree;
        return fold({ kind: 'unary', operator, operand }, [operand], tree, context);
      });
    case 'binary':
      return binary(tree, context);
    case 'conditional':
      return conditional(tree, context);
    case 'call': {
      const { name } = tree.function;
      return all(tree.arguments, context, given =>
        fold({ kind: 'call', function: name, arguments: given }, given, tree, context),
      );
    }
    default:
      return assertNever(tree);
  }
}

type Of<Kind extends Tree['kind']> = Extract<Tree, { readonly kind: Kind }>;

/** Lowers every part, to report all that fails, and goes on when none did. */
function all(
  trees: readonly Tree[],
  context: Context,
  then: (parts: readonly Expression[]) => Lowering,
): Lowering {
  const parts = trees.map(tree => visit(tree, context));
  const sound = parts.filter(part => part !== undefined);
  return sound.length === parts.length ? then(sound) : undefined;
}

/** Computes an expression whose parts are all known. */
function fold(
  expression: Expression,
  parts: readonly Expression[],
  tree: Tree,
  context: Context,
): Lowering {
  const values: Json[] = [];
  for (const part of parts) {
    if (part.kind !== 'literal') return expression;
    values.push(part.value);
  }
  const last = folded.get(tree);
  if (last !== undefined && values.every((value, at) => value === last.of[at]))
    return literal(last.value);
  const weight = values.reduce((sum: number, value) => sum + weightOf(value), 0);
  if (weight > 0 && !context.spend(weight, tree)) return undefined;
  const found = evaluate(expression, nothing);
  if (!found.ok) {
    context.fail(tree, found.message);
    return undefined;
  }
  if (!context.spend(weightOf(found.value), tree)) return undefined;
  folded.set(tree, { of: values, value: found.value });
  return literal(found.value);
}

/**
 * What was computed last, and of what: `join(params.features)` is the same for every instance, and
 * thousands of them cost no more than one.
 */
const folded = new WeakMap<Tree, { readonly of: readonly Json[]; readonly value: Json }>();

function binary(tree: Of<'binary'>, context: Context): Lowering {
  const { operator } = tree;
  const left = visit(tree.left, context);
  if (left === undefined) return undefined;
  // What a known side decides, the other side need not be known, or computable, for.
  const decided = operator === '&&' ? false : operator === '||' ? true : undefined;
  if (left.kind === 'literal' && left.value === decided) return left;
  const right = visit(tree.right, context);
  if (right === undefined) return undefined;
  return fold({ kind: 'binary', operator, left, right }, [left, right], tree, context);
}

function conditional(tree: Of<'conditional'>, context: Context): Lowering {
  const test = visit(tree.test, context);
  if (test === undefined) return undefined;
  if (test.kind === 'literal' && typeof test.value === 'boolean') {
    return visit(test.value ? tree.then : tree.otherwise, context);
  }
  return all([tree.then, tree.otherwise], context, ([then, otherwise]) => {
    if (then === undefined || otherwise === undefined) return undefined;
    return fold({ kind: 'conditional', test, then, otherwise }, [test], tree, context);
  });
}

function named({ root, path }: Reference, tree: Tree, context: Context): Lowering {
  const { bindings } = context;
  const [first, ...rest] = path;
  if (first === undefined) return undefined;
  const variable = rootOf(root.name);
  if (variable === undefined) {
    const fields = rest.map(field => field.name);
    return { kind: 'result', step: bindings.step(root.name), port: first.name, fields };
  }
  let value =
    variable === 'in' || variable === 'out'
      ? known(bindings.path(variable, first.name))
      : bindings.variable(variable, first.name);
  if (value === undefined && variable === 'git') context.noCommit(tree, first.name);
  let end = first.end;
  for (const field of rest) {
    if (value === undefined) return undefined;
    const of = context.written({ start: tree.start, end });
    value = indexed(value, literal(field.name), { tree, of }, context);
    end = field.end;
  }
  return value;
}

const known = (value: Json | undefined): Lowering =>
  value === undefined ? undefined : literal(value);

/** `range(5)[1]`, `params.sizes[matrix.n]`: what is looked into is no plain name. */
function inside(tree: Of<'index' | 'member' | 'name'>, context: Context): Lowering {
  if (tree.kind === 'name') return undefined;
  const of = visit(tree.of, context);
  const at = tree.kind === 'member' ? literal(tree.member.name) : visit(tree.at, context);
  if (of === undefined || at === undefined) return undefined;
  return indexed(of, at, { tree, of: context.written(tree.of) }, context);
}

/** `written.of` is how the author names what is looked into; messages use it for its value. */
function indexed(
  of: Expression,
  at: Expression,
  written: { readonly tree: Tree; readonly of: string },
  context: Context,
): Lowering {
  if (of.kind === 'result' && at.kind === 'literal' && typeof at.value === 'string') {
    return { ...of, fields: [...of.fields, at.value] };
  }
  if (of.kind !== 'literal' || at.kind !== 'literal') return { kind: 'index', of, at };
  const value = lookUp(written.of, of.value, at.value);
  if (value.ok) return literal(value.value);
  context.fail(written.tree, value.message);
  return undefined;
}
