/**
 * Settles a pipeline's parameters: which source wins, whether its value fits, where it came from.
 * The order, later wins: default, configs as given, environment, command line (language.md §3).
 * A losing value is checked all the same, because it is wrong wherever it is used.
 */

import type { Json } from '../schema/canonical-json.ts';
import type { Span } from '../schema/diagnostic.ts';
import type { ParamDeclaration } from '../schema/manifest.ts';
import { environmentName } from '../schema/workdir.ts';
import { inDoubt } from './broken.ts';
import { closest } from './closest.ts';
import { namesOf } from './known-names.ts';
import { givenBy, plainValue, type Reading, readText, readValue } from './params-value.ts';
import type { Problem } from './problems/problem.ts';
import type { Spanned, ValidConfig, ValidManifest, ValidPipeline, ValueNode } from './syntax.ts';

export type ParamValue = {
  readonly declaration: ParamDeclaration;
  /** Undefined when nothing usable was given, which has been reported. */
  readonly value: Json | undefined;
  readonly origin: string;
  readonly at: Span;
};

export type Params = ReadonlyMap<string, ParamValue>;

/** A value that some source holds out for a parameter. */
export type Offer = {
  readonly name: Spanned<string>;
  readonly origin: string;
  readonly at: Span;
  /** Undefined where something is wrong with the value itself, which is reported. */
  readonly read: (declared: ParamDeclaration) => Reading | undefined;
};

/** Where values come from, and what may be missing because of another mistake. */
export type Offers = {
  readonly given: readonly Offer[];
  /** The step that uses the pipeline; undefined where the pipeline is run itself. */
  readonly user?: Span | undefined;
  /** A value was probably given, and could not be read: that has been reported. */
  readonly leftOut: (name: string) => boolean;
};

/** Takes the offers in order; every problem of every offer is reported, the last value wins. */
export function settleParams(
  pipeline: ValidPipeline,
  { given: offers, user, leftOut }: Offers,
  problems: Problem[],
): Params {
  const params = new Map<string, ParamValue>();
  const owner = `the pipeline \`${pipeline.name.value}\``;
  const known = namesOf(pipeline.params);
  // What was surely meant is not missing as well: one mistake, one diagnostic.
  const misspelt = new Set<string>();
  for (const { name, origin, at, read } of [...defaults(pipeline), ...offers]) {
    const declaration = pipeline.params.get(name.value)?.value.declaration;
    if (declaration === undefined) {
      if (!pipeline.broken.has(`params.${name.value}`)) {
        problems.push({ kind: 'unknown-param', name, known, owner });
        misspelt.add(closest(name.value, known) ?? '');
      }
      continue;
    }
    const reading = read(declaration);
    if (reading?.ok === false) problems.push(reading.problem);
    const value = reading?.ok === true ? reading.value : undefined;
    params.set(name.value, { declaration, value, origin, at });
  }
  for (const [name, { key, value }] of pipeline.params) {
    if (params.has(name)) continue;
    const { declaration } = value;
    const { type } = declaration;
    const at = user ?? key.span;
    const here = user === undefined;
    if (!misspelt.has(name) && !leftOut(name))
      problems.push({ kind: 'missing-param', name, owner, at, type, pipeline: here });
    params.set(name, { declaration, value: undefined, origin: pipeline.file, at });
  }
  return params;
}

function defaults(pipeline: ValidPipeline): readonly Offer[] {
  return [...pipeline.params].flatMap(
    ([
      name,
      {
        key,
        value: { declaration, span },
      },
    ]) => {
      const value = declaration.default;
      if (value === undefined) return [];
      const read: Offer['read'] = declared => readDefault(name, declared, value, span);
      return [{ name: key, origin: pipeline.file, at: span, read }];
    },
  );
}

/** A number for a duration or a size lacks its unit here: nothing has computed it. */
function readDefault(name: string, declared: ParamDeclaration, value: Json, at: Span): Reading {
  const source = typeof value === 'number' && isQuantity(declared) ? `${value}` : undefined;
  return readValue(declared, { name, value, source, at });
}

const isQuantity = ({ type }: ParamDeclaration): boolean => type === 'duration' || type === 'size';

/** Defaults of a manifest that its own declarations refuse. */
export const badDefaults = ({ manifest, places, span }: ValidManifest): readonly Problem[] =>
  Object.entries(manifest.params).flatMap(([name, declaration]) => {
    if (declaration.default === undefined) return [];
    const at = places.get(`default.${name}`) ?? span;
    const reading = readDefault(name, declaration, declaration.default, at);
    return reading.ok ? [] : [reading.problem];
  });

/** What a config gives. */
export const configOffers = ({ file, params }: ValidConfig): readonly Offer[] =>
  [...params.values()].map(({ key, value: node }) => ({
    name: key,
    origin: file,
    at: node.span,
    read: declared => readNode(declared, key.value, node),
  }));

/** Would a config give this value, were it not for a mistake, such as no `params:` around it? */
export const leftOutOf = ({ broken }: ValidConfig, name: string): boolean =>
  broken.has(name) || inDoubt(broken, 'params', name);

/** What `SLUICE_PARAM_<NAME>` gives; variables for other pipelines' parameters are no mistake. */
export function environmentOffers(
  pipeline: ValidPipeline,
  environment: Readonly<Record<string, string | undefined>>,
  sources: Map<string, string>,
): readonly Offer[] {
  return [...pipeline.params.values()].flatMap(({ key }) => {
    const variable = environmentName('SLUICE_PARAM_', key.value);
    const text = Object.hasOwn(environment, variable) ? environment[variable] : undefined;
    if (text === undefined) return [];
    sources.set(variable, text);
    const at = { file: variable, start: 0, end: text.length, line: 1, column: 1 };
    const name = key.value;
    return [{ name: key, origin: variable, at, read: d => readText(d, { name, text, at }) }];
  });
}

/** What `-p name=value` gives; the options are the lines of a source named `-p`. */
export function commandLineOffers(
  given: readonly { readonly name: string; readonly text: string }[],
  sources: Map<string, string>,
): readonly Offer[] {
  let offset = 0;
  let line = 1;
  const offers = given.map(({ name, text }): Offer => {
    const place = (from: number, to: number): Span => {
      return { file: '-p', start: offset + from, end: offset + to, line, column: from + 1 };
    };
    const from = name.length + 1;
    const at = place(from, from + text.length);
    const offer: Offer = {
      name: { value: name, span: place(0, name.length) },
      origin: '-p',
      at,
      read: declared => readText(declared, { name, text, at }),
    };
    offset = at.end + 1;
    line += 1 + text.split('\n').length - 1;
    return offer;
  });
  if (given.length > 0) sources.set('-p', given.map(p => `${p.name}=${p.text}`).join('\n'));
  return offers;
}

/** A written value against a declaration; texts are taken as they are, without expressions. */
export const readNode = (declared: ParamDeclaration, name: string, node: ValueNode): Reading =>
  readValue(declared, givenBy(name, node, plainValue(node)));
