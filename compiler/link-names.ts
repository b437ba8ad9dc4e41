/**
 * Finds the steps whose results a written step reads in its expressions, wherever these stand.
 * Unaware of which steps there are.
 */
import { type Reference, referenceOf, rootOf } from './expression/reference.ts';
import type { ParsedExpression, Tree } from './expression/tree.ts';
import type { Problem } from './problems/problem.ts';
import type { ResolvedStep } from './resolved.ts';
import type { Spanned, Text, ValueNode } from './syntax.ts';
import { computed, conditionOf, templateOf } from './value.ts';

/** `eval.metrics…`, with the port where the author names one. */
export type ResultName = Spanned<string> & { readonly port: string | undefined };

/** Each step and port once, where it is read first. */
export function resultNames(step: ResolvedStep, problems: Problem[]): readonly ResultName[] {
  const names = new Map<string, ResultName>();
  const note = ({ tree, text }: ParsedExpression) => {
    for (const { root, path } of referencesIn(tree)) {
      const port = path[0]?.name;
      const key = `${root.name}.${port}`;
      if (names.has(key)) continue;
      names.set(key, { value: root.name, span: text.part(root.start, root.end), port });
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
  if (settings.env !== undefined) yield* computed(settings.env);
  for (const { value } of given.values()) yield* nodeTexts(value);
}

function* nodeTexts(node: ValueNode): Iterable<Text> {
  if (node.kind === 'text') yield node;
  if (node.kind === 'list') for (const item of node.items) yield* nodeTexts(item);
  if (node.kind === 'map') for (const { value } of node.entries.values()) yield* nodeTexts(value);
}

/** Dotted names that begin with a step's. */
function* referencesIn(tree: Tree): Iterable<Reference> {
  const open: Tree[] = [tree];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const reference = referenceOf(at);
    if (reference === undefined) open.push(...partsOf(at));
    else if (rootOf(reference.root.name) === undefined) yield reference;
  }
}

function partsOf(tree: Tree): readonly Tree[] {
  switch (tree.kind) {
    case 'member':
      return [tree.of];
    case 'index':
      return [tree.of, tree.at];
    case 'unary':
      return [tree.operand];
    case 'binary':
      return [tree.left, tree.right];
    case 'conditional':
      return [tree.test, tree.then, tree.otherwise];
    case 'list':
      return tree.items;
    case 'call':
      return tree.arguments;
    case 'name':
    case 'literal':
      return [];
  }
}
