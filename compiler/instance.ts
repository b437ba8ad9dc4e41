/**
 * Steps as they will run: each written step has become one or more instances, each with an address,
 * in the frame of the pipeline that it is written in. Made by expand.ts. Unaware of wires.
 */
import type { StepId } from '../schema/id.ts';
import type { MatrixValues } from './expand-address.ts';
import type { Params } from './params.ts';
import type { ResolvedPipeline, ResolvedStep } from './resolved.ts';

/** A pipeline at one place: the outermost one, or one that stands for a step. */
export type Frame = {
  readonly pipeline: ResolvedPipeline;
  readonly params: Params;
  /** `prep[fold=1]/` for the steps of a nested pipeline, else empty. */
  readonly prefix: string;
  /** The same without the values of matrices. */
  readonly namePrefix: string;
  /** The place in the surrounding pipeline that this frame stands for. */
  readonly outer: Place | undefined;
  /** By the name that the pipeline's author wrote; filled while it is expanded. */
  readonly groups: Map<string, Group>;
};

/** A written step with everything that it became. */
export type Group = {
  readonly frame: Frame;
  readonly step: ResolvedStep;
  /** Axes of its matrix in address order; undefined without one. */
  readonly axes: readonly string[] | undefined;
  readonly members: readonly Member[];
};

/** One combination of a step's matrix (the only one without a matrix). */
export type Place = {
  readonly frame: Frame;
  readonly step: ResolvedStep;
  /**
   * Undefined where the matrix is in doubt, which is reported: the place stands for all instances
   * that there would be, so that the rest of the step is checked. Nothing can be wired to it.
   */
  readonly matrix: MatrixValues | undefined;
  readonly id: StepId;
  /** The address without matrix values. */
  readonly name: string;
};

/** `index`: its place among all instances, which is the order in which steps are written. */
export type Instance = Place & { readonly kind: 'instance'; readonly index: number };

export type Member = Instance | (Place & { readonly kind: 'pipeline'; readonly inner: Frame });

export type Expansion = {
  readonly root: Frame;
  /** Every instance, in written order. */
  readonly instances: readonly Instance[];
  /** Every group of every frame. */
  readonly groups: readonly Group[];
  /** The limit was reached and reported: what is here is only a part. */
  readonly cut: boolean;
};
