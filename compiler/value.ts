/**
 * Turns what an author wrote into values: known now, or left for the run where a step's result is
 * read. Checks each text once per scope, however many instances there are. Unaware of what the
 * values are for.
 */
import type { Json } from '../schema/canonical-json.ts';
import type { Expression, Late } from '../schema/expression.ts';
import { isOneOf } from './expression/check.ts';
import {
  checkExpression,
  checkTemplate,
  expressionOf,
  type Form,
  toLate,
} from './expression/late.ts';
import { type Bindings, lower } from './expression/lower.ts';
import type { Scope, Type } from './expression/scope.ts';
import { parseExpression, parseTemplate, type Template } from './expression/template.ts';
import { isMap, ownRecord } from './params-value.ts';
import { type Problem, report } from './problems/problem.ts';
import type { Entries, Text, ValueNode } from './syntax.ts';

/** What names mean where a value is written, and where its problems go. */
export type Meaning = {
  /** The same object for all instances of a step: what is checked once is remembered by it. */
  readonly scope: Scope;
  readonly bindings: Bindings;
  /** Gives the results that an expression reads their final addresses. */
  readonly located: (expression: Expression) => Expression;
  readonly problems: Problem[];
};

/** `type` is `unknown` for a late value whose type nobody can tell yet. */
export type Valued = { readonly late: Late; readonly type: Type };

const templates = new WeakMap<Text, Template>();

/** Parses a text once; its syntax problems are reported by whoever comes first. */
export function templateOf(text: Text, problems: Problem[]): Template {
  const known = templates.get(text);
  if (known !== undefined) return known;
  const template = parseTemplate(text);
  report(problems, template.problems);
  templates.set(text, template);
  return template;
}

type Checked = WeakMap<Text, Type | 'wrong'>;
const checks = new WeakMap<Scope, Checked>();

/** Runs a check of a text in a scope once, and remembers the type it found. */
function once(
  text: Text,
  { scope, problems }: Meaning,
  check: () => { readonly type: Type; readonly problems: readonly Problem[] },
): Type | 'wrong' {
  const types: Checked = checks.get(scope) ?? new WeakMap();
  checks.set(scope, types);
  const known = types.get(text);
  if (known !== undefined) return known;
  const found = check();
  report(problems, found.problems);
  const type = found.problems.length > 0 ? 'wrong' : found.type;
  types.set(text, type);
  return type;
}

/** A text's value; undefined when something is wrong with it, which is then reported. */
export function textValue(text: Text, form: Form, meaning: Meaning): Valued | undefined {
  const { parts, problems } = templateOf(text, meaning.problems);
  if (problems.length > 0) {
    // The expressions beside the one that is broken are checked all the same; their places in a
    // command are not, because nobody knows where the broken one ends.
    once(text, meaning, () => checkTemplate(parts, meaning.scope, 'text'));
    return undefined;
  }
  if (parts.length === 0 || (parts.length === 1 && parts[0]?.kind === 'text')) {
    return knownValue(text.value);
  }
  const type = once(text, meaning, () => checkTemplate(parts, meaning.scope, form));
  if (type === 'wrong') return undefined;
  const made = toLate(parts, meaning.bindings, form);
  report(meaning.problems, made.problems);
  if (made.late === undefined) return withoutValue(text, meaning);
  return made.late.kind === 'known'
    ? knownValue(made.late.value)
    : { late: locatedLate(made.late, meaning), type };
}

const computedTexts = new WeakMap<Entries<Text>, readonly Text[]>();

/** The texts of a map in which something is computed: thousands of steps may have it in common. */
export function computed(texts: Entries<Text>): readonly Text[] {
  const known = computedTexts.get(texts);
  if (known !== undefined) return known;
  const found = [...texts.values()].map(({ value }) => value).filter(isComputed);
  computedTexts.set(texts, found);
  return found;
}

const isComputed = ({ value }: Text): boolean => value.includes('${{');

/** The value of an expression that has to be of certain types: a condition. */
export function expressionValue(
  text: Text,
  wanted: readonly Type[],
  what: string,
  meaning: Meaning,
): Late | undefined {
  const { expression } = conditionOf(text, meaning.problems);
  if (expression === undefined) return undefined;
  const type = once(text, meaning, () => checkExpression(expression, meaning.scope, wanted, what));
  if (type === 'wrong') return undefined;
  const lowered = lower(expression, meaning.bindings);
  report(meaning.problems, lowered.problems);
  if (lowered.expression === undefined) return withoutValue(text, meaning);
  const late = lateOf(meaning.located(lowered.expression));
  // What could not be told from the declarations may show in the value: `params.map.field`.
  const found = late.kind === 'known' ? jsonType(late.value) : type;
  if (isOneOf(found, wanted)) return late;
  const at = expression.text.part(expression.tree.start, expression.tree.end);
  meaning.problems.push({ kind: 'expression-type', at, what, found, wanted });
  return undefined;
}

/** What has no value was reported: a step that nobody misses would vanish from the plan. */
function withoutValue({ value }: Text, { problems }: Meaning): undefined {
  if (problems.length === 0) throw new Error(`bug: \`${value}\` has no value, and nobody said why`);
}

type Condition = ReturnType<typeof parseExpression>;
const conditions = new WeakMap<Text, Condition>();

/** Parses a text that is an expression as a whole, once. */
export function conditionOf(text: Text, problems: Problem[]): Condition {
  const known = conditions.get(text);
  if (known !== undefined) return known;
  const parsed = parseExpression(text);
  report(problems, parsed.problems);
  conditions.set(text, parsed);
  return parsed;
}

/** Any value; lists may hold late ones, maps may not (`name` is for the message). */
export function nodeValue(node: ValueNode, name: string, meaning: Meaning): Valued | undefined {
  switch (node.kind) {
    case 'text':
      return textValue(node, 'value', meaning);
    case 'scalar':
      return knownValue(node.value);
    case 'list': {
      const items = node.items.map(item => nodeValue(item, name, meaning));
      const sound = items.filter(item => item !== undefined);
      return sound.length === items.length ? listValue(sound) : undefined;
    }
    case 'map': {
      const entries: (readonly [string, Json])[] = [];
      for (const [key, { value }] of node.entries) {
        const inner = nodeValue(value, name, meaning);
        if (inner?.late.kind === 'late') {
          meaning.problems.push({ kind: 'result-in-map', at: value.span, name });
        } else if (inner !== undefined) entries.push([key, inner.late.value]);
      }
      return entries.length === node.entries.size ? knownValue(ownRecord(entries)) : undefined;
    }
  }
}

function listValue(items: readonly Valued[]): Valued {
  const known = items.flatMap(({ late }) => (late.kind === 'known' ? [late.value] : []));
  if (known.length === items.length) return knownValue(known);
  const list: Expression = { kind: 'list', items: items.map(({ late }) => expressionOf(late)) };
  return { late: lateOf(list), type: 'list' };
}

export const lateOf = (expression: Expression): Late =>
  expression.kind === 'literal'
    ? { kind: 'known', value: expression.value }
    : { kind: 'late', parts: [{ kind: 'expression', expression, quote: 'none' }] };

const locatedLate = (late: Late, { located }: Meaning): Late =>
  late.kind === 'known'
    ? late
    : {
        kind: 'late',
        parts: late.parts.map(part =>
          part.kind === 'text' ? part : { ...part, expression: located(part.expression) },
        ),
      };

export const knownValue = (value: Json): Valued => ({
  late: { kind: 'known', value },
  type: jsonType(value),
});

/** The type of a value in expressions. */
export function jsonType(value: Json): Type {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  if (isMap(value)) return 'map';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  return typeof value === 'string' ? 'string' : 'bool';
}
