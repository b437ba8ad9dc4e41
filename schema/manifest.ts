/**
 * A step's manifest, `step.yaml`, after the compiler has checked it (language.md §8). The same for
 * the library's steps and an author's own.
 */
import type { Json } from './canonical-json.ts';

export type Manifest = {
  readonly step: string;
  readonly version: string;
  readonly kind: 'pure' | 'source' | 'effect';
  readonly description: string | null;
  readonly params: Readonly<Record<string, ParamDeclaration>>;
  readonly in: Readonly<Record<string, InputDeclaration>>;
  readonly out: Readonly<Record<string, OutputDeclaration>>;
  readonly run: string | readonly string[];
  readonly container: string | null;
  /** Folders or files beside the step's own that its program uses, e.g. `../sdk`. */
  readonly includes: readonly string[];
  /** npm packages that its program loads. */
  readonly packages: readonly string[];
  readonly probe: string | readonly string[] | null;
  /** `receipt`, or a command. */
  readonly check: 'receipt' | { readonly run: string | readonly string[] } | null;
  readonly state: string | null;
};

export const PARAM_TYPES = [
  'int',
  'float',
  'bool',
  'string',
  'list',
  'map',
  'duration',
  'size',
  'path',
] as const;
export type ParamType = (typeof PARAM_TYPES)[number];

export type ParamDeclaration = {
  readonly type: ParamType;
  /** Undefined when `required`. */
  readonly default?: Json | undefined;
  readonly required: boolean;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly enum?: readonly Json[] | undefined;
  readonly pattern?: string | undefined;
  readonly description: string | null;
};

export type InputDeclaration = {
  readonly type: string;
  readonly many: boolean;
  readonly optional: boolean;
  /** Part roles this port takes; undefined takes all. See `role` of an output. */
  readonly roles?: readonly PartRole[] | undefined;
  readonly description: string | null;
};

export type OutputDeclaration = {
  /** Fixed, or that of an input port (`like: data`). */
  readonly type:
    | { readonly kind: 'fixed'; readonly type: string }
    | { readonly kind: 'like'; readonly port: string };
  /**
   * The dataset's state where it differs from `type`'s: fixed, or decided by whether a parameter is
   * set (`state: { when: label, set: labelled, unset: refined }`).
   */
  readonly state:
    | { readonly kind: 'fixed'; readonly state: string }
    | {
        readonly kind: 'when';
        readonly param: string;
        readonly set: string;
        readonly unset: string;
      }
    | null;
  /** What a part is for: a test part may not reach a port that trains. */
  readonly role?: PartRole | undefined;
  readonly path: string | null;
  readonly description: string | null;
};

export type PartRole = 'train' | 'validation' | 'test';
