/**
 * A pipeline whose names have got their meaning: what the phase `resolve` hands on. Every step knows
 * what it is; what was written once is still once.
 */
import type { Definition } from './library.ts';
import type { Entries, StepSettings, StepSyntax, ValidPipeline, ValueNode } from './syntax.ts';

/** A pipeline whose steps know what they are. */
export type ResolvedPipeline = {
  readonly syntax: ValidPipeline;
  readonly steps: ReadonlyMap<string, ResolvedStep>;
};

export type ResolvedStep = {
  readonly syntax: StepSyntax;
  /** Config over step over defaults. */
  readonly settings: StepSettings;
  /** The container that the step or a config names; a definition's own wins over `defaults`. */
  readonly ownContainer: boolean;
  readonly with: Entries<ValueNode>;
  readonly body: StepBody;
};

export type StepBody =
  | { readonly kind: 'inline' }
  | Extract<Definition, { readonly kind: 'folder' | 'broken' }>
  | { readonly kind: 'pipeline'; readonly file: string; readonly pipeline: ResolvedPipeline };
