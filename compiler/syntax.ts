/**
 * A pipeline after parsing and validation: every key known, every value of its declared shape,
 * every place remembered. Expressions are still text; names are not resolved. Made by validate.ts,
 * consumed by resolve.ts. Unaware of the library, of other files and of YAML.
 */

import type { Span } from '../schema/diagnostic.ts';
import type { Manifest, ParamDeclaration } from '../schema/manifest.ts';
import type { RetryCause } from '../schema/plan.ts';
import type { DatasetState } from '../schema/port-type.ts';

export type Spanned<T> = { readonly value: T; readonly span: Span };

/** A string as decoded from YAML, with a way back to where each of its characters is written. */
export type Text = Spanned<string> & {
  /** Source span of `value.slice(start, end)`, also across escapes, folds and block scalars. */
  readonly part: (start: number, end: number) => Span;
};

/** Any value an author may write where the language does not fix its shape (`with`, `matrix`). */
export type ValueNode =
  | ({ readonly kind: 'text' } & Text)
  /** Numbers keep the text they were written as: `1.10` is not `1.1` for a version. */
  | ({ readonly kind: 'scalar'; readonly source: string } & Spanned<number | boolean | null>)
  | { readonly kind: 'list'; readonly items: readonly ValueNode[]; readonly span: Span }
  | { readonly kind: 'map'; readonly entries: Entries<ValueNode>; readonly span: Span };

/** A mapping as written: insertion order, own data only, each key with its place. */
export type Entries<T> = ReadonlyMap<string, { readonly key: Spanned<string>; readonly value: T }>;

export type ValidPipeline = {
  readonly file: string;
  readonly name: Spanned<string>;
  readonly description: string | null;
  readonly params: Entries<ParamSyntax>;
  readonly env: Entries<Text>;
  readonly defaults: StepSettings;
  readonly steps: Entries<StepSyntax>;
  readonly outputs: Entries<Text>;
  /** The whole document's span, for what is missing from it. */
  readonly span: Span;
  readonly broken: Broken;
};

/**
 * What was written but not understood, and therefore left out, by its path in the document:
 * `params.lr`, `steps.train`, `steps.train.in.data`, `steps.train.uses`. Its problem is reported
 * already, so a later phase stays silent about its absence: one mistake, one diagnostic.
 */
export type Broken = ReadonlySet<string>;

export type ParamSyntax = {
  readonly declaration: ParamDeclaration;
  /** The default, or where it would stand. */
  readonly span: Span;
};

/** The keys that `defaults`, a step and a config's override share. */
export type StepSettings = {
  readonly container?: ContainerSyntax;
  readonly resources?: Entries<ValueNode>;
  readonly env?: Entries<Text>;
  readonly secrets?: readonly Spanned<string>[];
  readonly network?: Spanned<'none' | 'host' | 'bridge'>;
  /** Milliseconds. */
  readonly timeout?: Spanned<number>;
  readonly retries?: RetriesSyntax;
  readonly pool?: Spanned<string>;
};

/** All that is written of a step, by key: where to show that one of them may not stand there. */
export type Written = { readonly written: Entries<unknown> };

export type StepSyntax = StepSettings &
  Written & {
    readonly id: Spanned<string>;
    readonly description: string | null;
    readonly body:
      | { readonly kind: 'uses'; readonly uses: Text }
      | { readonly kind: 'shell'; readonly run: Text }
      | { readonly kind: 'argv'; readonly run: readonly Text[]; readonly span: Span }
      /** Nothing that can be read says what the step does, which is reported. */
      | { readonly kind: 'broken' };
    /** Port → references and `./paths`; one unless written as a list. */
    readonly in: Entries<{ readonly many: boolean; readonly items: readonly Text[] }>;
    readonly with: Entries<ValueNode>;
    readonly files: readonly Text[];
    readonly out: Entries<OutputSyntax>;
    readonly needs: readonly Spanned<string>[];
    /** Text of an expression, or a literal boolean. */
    readonly if: Text | Spanned<boolean> | null;
    readonly matrix: Entries<ValueNode> | null;
    readonly cache: Spanned<{ readonly enabled: boolean; readonly salt: Text | null }> | null;
    readonly kind: Spanned<'pure' | 'source' | 'effect'> | null;
    readonly probe: Text | readonly Text[] | null;
    readonly check: Text | readonly Text[] | null;
  };

export type OutputSyntax = {
  readonly type: Spanned<string>;
  readonly state?: DatasetState;
  readonly path: Text | null;
  readonly to: Text | null;
  readonly description: string | null;
};

export type ContainerSyntax = {
  readonly image: Text | null;
  readonly build: Text | null;
  readonly user: Text | null;
  readonly entrypoint: readonly Text[] | null;
  readonly writableRoot?: boolean;
  readonly capabilities?: readonly string[];
  readonly pids?: number;
  readonly span: Span;
};

export type RetriesSyntax = {
  readonly max: number;
  readonly on: readonly RetryCause[] | null;
  readonly memoryFactor?: number;
  readonly backoffMs: number | null;
  readonly span: Span;
};

/** `step.yaml`: what it says, and where, so that a frame can show the end that declares a port. */
export type ValidManifest = {
  readonly file: string;
  readonly manifest: Manifest;
  /** Places by path: `params.seed`, `default.seed`, `in.data`, `out.model`, `out.model.path`, `run`, `state`. */
  readonly places: ReadonlyMap<string, Span>;
  /** The commands again, as texts with positions, for the expressions in them. */
  readonly run: Text | readonly Text[];
  readonly probe: Text | readonly Text[] | null;
  /** Null as well for `check: receipt`. */
  readonly check: Text | readonly Text[] | null;
  readonly span: Span;
  readonly broken: Broken;
};

/** `configs/<name>.yaml`. */
export type ValidConfig = {
  readonly file: string;
  readonly broken: Broken;
  readonly params: Entries<ValueNode>;
  readonly steps: Entries<StepSettings & Written & { readonly with: Entries<ValueNode> }>;
};

/** `sluice.yaml`, with the chosen profile laid over it; undefined where nothing was said. */
export type ProjectSettings = {
  readonly executor?: Spanned<string>;
  readonly parallel?: Spanned<number>;
  /** Whether containers are kept for the next step. */
  readonly warm?: Spanned<boolean>;
  readonly pools: Readonly<Record<string, number>>;
  /** Some of it could not be read, which is reported: there may be more pools. */
  readonly partial?: true;
  readonly limits?: ProjectLimits;
};

/** Limits of limits.ts that a project has set for itself. */
export type ProjectLimits = { readonly instances?: number; readonly fileBytes?: number };
