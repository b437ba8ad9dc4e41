/**
 * Says what a run must do, from rules that fit on this page, and what its outputs must be: those of
 * a clean build. Unaware of how any of it is done.
 */
import { Memory, type Result } from './memory.ts';
import {
  commandText,
  contentsOf,
  type ModelStep,
  type Origin,
  type Seen,
  type World,
} from './world.ts';

export type Prediction = {
  /** Each step at most once, sorted. */
  readonly executed: readonly string[];
  readonly outcomes: Readonly<Record<string, string>>;
  /** What a clean build makes; only of steps that come to an end. */
  readonly outputs: ReadonlyMap<string, Result>;
};

export type Orders = {
  readonly forced: ReadonlySet<string>;
  readonly failing: ReadonlySet<string>;
  /** The run is interrupted when so many commands have begun. */
  readonly interruptedAt: number | undefined;
};

export class Oracle {
  readonly memory = new Memory();

  predict(world: World, orders: Orders): Prediction {
    const run = new PredictedRun(world, orders, this.memory);
    for (const step of world.steps) run.judge(step);
    return run.prediction();
  }

  /** Which steps an interrupt found at the end nobody can say; what they left is known. */
  learn(world: World, orders: Orders, ended: Readonly<Record<string, string>>): Prediction {
    const run = new PredictedRun(world, orders, this.memory);
    for (const step of world.steps) run.learn(step, ended[step.name]);
    return { ...run.prediction(), outcomes: {} };
  }
}

class PredictedRun {
  readonly #world: World;
  readonly #orders: Orders;
  readonly #memory: Memory;
  readonly #outcomes = new Map<string, string>();
  readonly #outputs = new Map<string, Result>();
  readonly #executed = new Set<string>();

  constructor(world: World, orders: Orders, memory: Memory) {
    this.#world = world;
    this.#orders = orders;
    this.#memory = memory;
  }

  /** What is known and can be had is taken; everything else executes. */
  judge(step: ModelStep): void {
    const needs = step.takes.flatMap(origin => (origin.kind === 'output' ? [origin.step] : []));
    // Without all of its needs it does not begin.
    if (needs.some(need => !this.#outputs.has(need))) {
      this.#outcomes.set(step.name, 'skipped');
      return;
    }
    // A probe sees what the step would see.
    if (step.kind === 'source') this.#remakeInputs(step);
    const seen = this.#seenBy(step);
    const key = keyOf(step, seen);
    this.#memory.noteKey(step.name, key);
    const known = this.#memory.known(key);
    if (known !== undefined && this.#isHit(step, known)) this.#take(step, known);
    else this.#execute(step, seen, key);
  }

  learn(step: ModelStep, outcome: string | undefined): void {
    const seen = this.#seenBy(step);
    if (outcome === 'succeeded') this.#execute(step, seen, keyOf(step, seen));
    if (outcome === 'restored' || outcome === 'up-to-date')
      this.#take(step, contentsOf(step, seen));
  }

  prediction(): Prediction {
    return {
      executed: [...this.#executed].sort(),
      outcomes: Object.fromEntries(this.#outcomes),
      outputs: this.#outputs,
    };
  }

  /** All that may matter: of its needs what they have made, not how. */
  #seenBy(step: ModelStep): Seen {
    return {
      command: commandText(step),
      param: String(step.param),
      colour: step.colour,
      isTrusted: step.isTrusted,
      token: step.kind === 'source' ? this.#world.token : undefined,
      inputs: step.takes.map(origin => this.#contentOf(origin)),
    };
  }

  #contentOf(origin: Origin): string {
    return origin.kind === 'file'
      ? (this.#world.files[origin.path] ?? '')
      : (this.#outputs.get(origin.step)?.[origin.port] ?? '');
  }

  /**
   * A known result is a hit, also without its bytes, unless the project asks for them: then they
   * have to be there, and to be right.
   */
  #isHit(step: ModelStep, known: Result): boolean {
    if (this.#orders.forced.has(step.name)) return false;
    if (step.kind === 'effect' && !this.#isInPlace(step, known)) return false;
    return this.#memory.toPlace(step, known).every(content => this.#memory.holdsRight(content));
  }

  /** The check says so, which sees what the step would see. */
  #isInPlace(step: ModelStep, known: Result): boolean {
    this.#remakeInputs(step);
    return this.#memory.isInPlace(step.name, known);
  }

  #take(step: ModelStep, result: Result): void {
    const isMoved = this.#memory.toPlace(step, result).length > 0;
    this.#finish(step, isMoved ? 'restored' : 'up-to-date', result);
  }

  #execute(step: ModelStep, seen: Seen, key: string): void {
    this.#remakeInputs(step);
    this.#executed.add(step.name);
    if (this.#orders.failing.has(step.name)) {
      this.#outcomes.set(step.name, 'failed');
      return;
    }
    const result = contentsOf(step, seen);
    this.#memory.keep(step, key, result);
    this.#finish(step, 'succeeded', result);
  }

  /** An executing step reads its inputs: where bytes are wrong or gone, their makers execute again. */
  #remakeInputs(step: ModelStep): void {
    for (const origin of step.takes) {
      if (origin.kind === 'file' || this.#memory.holdsRight(this.#contentOf(origin))) continue;
      const maker = this.#world.steps.find(({ name }) => name === origin.step);
      if (maker === undefined) throw new Error(`no step ${origin.step}`);
      this.#execute(maker, this.#seenBy(maker), this.#memory.lastKey(maker.name));
    }
  }

  #finish(step: ModelStep, outcome: string, result: Result): void {
    this.#outcomes.set(step.name, outcome);
    this.#outputs.set(step.name, result);
    this.#memory.place(step, result);
  }
}

const keyOf = (step: ModelStep, seen: Seen): string =>
  JSON.stringify([seen, step.takes.map(({ kind }) => kind), step.makes.map(({ name }) => name)]);
