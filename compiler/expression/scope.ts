/**
 * What names mean at one place of a pipeline: which roots there are, what they offer and of which
 * type. The caller builds it from what the author declared. Unaware of values.
 */

export type Type = 'int' | 'float' | 'bool' | 'string' | 'list' | 'map' | 'null' | 'unknown';

/** The names in front of the first dot that are not steps. */
export const ROOTS = ['params', 'matrix', 'env', 'git', 'in', 'out'] as const;
export type Root = (typeof ROOTS)[number];

export type Scope = {
  /** `a matrix`, `the command of train`: for messages. */
  readonly place: string;
  /** What each root offers; one that is absent means nothing at this place. */
  readonly roots: { readonly [R in Root]?: ReadonlyMap<string, Type> };
  /** Variables of the step itself, where only its commands know them: what `env.X` must not hide. */
  readonly ownEnv?: ReadonlyMap<string, unknown>;
  /** Secrets of the step, which only its shell reads. */
  readonly secrets?: ReadonlySet<string>;
  readonly steps: {
    readonly names: () => readonly string[];
    readonly find: (name: string) => StepResults | undefined;
  };
  /** `refused` where the value must be known before any step has run. */
  readonly results: 'allowed' | 'refused';
};

export type StepResults =
  | {
      readonly kind: 'ports';
      /** Port → its type: `metrics`, `model/onnx`. */
      readonly ports: ReadonlyMap<string, string>;
    }
  /** Which of its instances is meant, an expression cannot say. */
  | { readonly kind: 'matrix' }
  /** Reported elsewhere: whatever is read from it is taken as it is. */
  | { readonly kind: 'broken' };

/** Members of `git`, wherever it is available. */
export const GIT_NAMES: ReadonlyMap<string, Type> = new Map<string, Type>([
  ['commit', 'string'],
  ['branch', 'string'],
  ['dirty', 'bool'],
]);
