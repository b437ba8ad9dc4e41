/**
 * Finds the steps whose results a written step reads in its expressions, wherever these stand.
 * Unaware of which steps there are.
 */
import { rootOf } from './expression/reference.ts';
import type { ParsedExpression, Tree } from './expression/tree.ts';
import type { Problem } from './problems/problem.ts';
import type { ResolvedStep } from './resolved.ts';
import type { Spanned, Text, ValueNode } from './syntax.ts';
import { conditionOf, templateOf } from './value.ts';

/** Each name once, where it is written first. */
export function resultNames(step: ResolvedStep, problems: Problem[]): readonly Spanned<string>[] {
  const names = new Map<string, Spanned<string>>();
  const note = (expression: ParsedExpression) => {
    for (const { name, start, end } of rootsIn(expression.tree)) {
      if (names.has(name)) continue;
      names.set(name, { value: name, span: expression.text.part(start, end) });
    }
  };
  for (const text of texts(step)) {
    if (!text.value.includes('${{')) continue;
    for (const part of templateOf(text, problems).parts) {
      if (part.kind === 'expression') note(part.expression);
    }
  }
  const condition = step.syntax.if;
  if (condition !== null && 'part' in condition) {
    const { expression } = conditionOf(condition, problems);
    if (expression !== undefined) note(expression);
  }
  return [...names.values()];
}

function* texts({ syntax, settings, with: given }: ResolvedStep): Iterable<Text> {
  const { body, probe, check } = syntax;
  if (body.kind === 'shell') yield body.run;
  if (body.kind === 'argv') yield* body.run;
  for (const command of [probe, check]) {
    if (command !== null) yield* 'part' in command ? [command] : command;
  }
  for (const { value } of settings.env?.values() ?? []) yield value;
  for (const { value } of given.values()) yield* nodeTexts(value);
}

function* nodeTexts(node: ValueNode): Iterable<Text> {
  if (node.kind === 'text') yield node;
  if (node.kind === 'list') for (const item of node.items) yield* nodeTexts(item);
  if (node.kind === 'map') for (const { value } of node.entries.values()) yield* nodeTexts(value);
}

type NameTree = Extract<Tree, { readonly kind: 'name' }>;

/** Names at the head of a dotted name that are steps'. */
function* rootsIn(tree: Tree): Iterable<NameTree> {
  const open: Tree[] = [tree];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    switch (at.kind) {
      case 'name':
        if (rootOf(at.name) === undefined) yield at;
        break;
      case 'member':
        open.push(at.of);
        break;
      case 'index':
        open.push(at.of, at.at);
        break;
      case 'unary':
        open.push(at.operand);
        break;
      case 'binary':
        open.push(at.left, at.right);
        break;
      case 'conditional':
        open.push(at.test, at.then, at.otherwise);
        break;
      case 'list':
        open.push(...at.items);
        break;
      case 'call':
        open.push(...at.arguments);
        break;
      case 'literal':
        break;
    }
  }
}
