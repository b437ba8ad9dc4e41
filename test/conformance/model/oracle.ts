/**
 * Says what a run must do, from rules that fit on this page, and what its outputs must be: those of
 * a clean build. Knows of the store only what the rules speak of: which results are remembered,
 * which bytes are there. Unaware of how any of it is done.
 */
import {
  commandText,
  contentOf,
  type ModelStep,
  placedPath,
  type Seen,
  type World,
} from './world.ts';

/** A result is bytes by port. Each content is made by one step alone, so it names its bytes. */
type Result = Readonly<Record<string, string>>;

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
};

export class Oracle {
  /** What was seen → what was made of it. */
  readonly #traces = new Map<string, Result>();
  /** Content → are its stored bytes right? What is not in here is not in the store. */
  readonly #bytes = new Map<string, 'right' | 'wrong'>();
  /** Path → what lies in the project. */
  readonly placed = new Map<string, string>();

  /** Every byte of it has the right length but one is wrong: nobody knows until it is read. */
  spoil(content: string): void {
    if (this.#bytes.has(content)) this.#bytes.set(content, 'wrong');
  }

  holdsRight(content: string): boolean {
    return this.#bytes.get(content) === 'right';
  }

  /** Gone, or of another length: that is seen without reading. */
  lose(content: string): void {
    this.#bytes.delete(content);
  }

  /** The remembered result of what a step saw in the last run. */
  forget(step: string): void {
    const key = this.#lastKeys.get(step);
    if (key !== undefined) this.#traces.delete(key);
  }

  readonly #lastKeys = new Map<string, string>();

  predict(world: World, orders: Orders): Prediction {
    const run = new PredictedRun(world, orders, {
      traces: this.#traces,
      bytes: this.#bytes,
      placed: this.placed,
      lastKeys: this.#lastKeys,
    });
    return run.predict();
  }
}

type Memory = {
  readonly traces: Map<string, Result>;
  readonly bytes: Map<string, 'right' | 'wrong'>;
  readonly placed: Map<string, string>;
  readonly lastKeys: Map<string, string>;
};

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

  predict(): Prediction {
    for (const step of this.#world.steps) this.#judge(step);
    return {
      executed: [...this.#executed].sort(),
      outcomes: Object.fromEntries(this.#outcomes),
      outputs: this.#outputs,
    };
  }

  #judge(step: ModelStep): void {
    const needs = step.takes.flatMap(origin => (origin.kind === 'output' ? [origin.step] : []));
    // Without all of its needs it does not begin.
    if (needs.some(need => !this.#outputs.has(need))) {
      this.#outcomes.set(step.name, 'skipped');
      return;
    }
    const seen = this.#seenBy(step);
    const key = JSON.stringify([
      seen,
      step.takes.map(({ kind }) => kind),
      step.makes.map(({ name }) => name),
    ]);
    this.#memory.lastKeys.set(step.name, key);
    const known = this.#memory.traces.get(key);
    if (known !== undefined && this.#isHit(step, known)) this.#take(step, known);
    else this.#execute(step, seen, key);
  }

  #seenBy(step: ModelStep): Seen {
    return {
      command: commandText(step),
      param: String(step.param),
      colour: step.colour,
      inputs: step.takes.map(origin =>
        origin.kind === 'file'
          ? (this.#world.files[origin.path] ?? '')
          : (this.#outputs.get(origin.step)?.[origin.port] ?? ''),
      ),
    };
  }

  /**
   * A known result is a hit, also without its bytes, unless the project asks for them: then they
   * have to be there, and to be right.
   */
  #isHit(step: ModelStep, known: Result): boolean {
    const { bytes } = this.#memory;
    if (this.#orders.forced.has(step.name)) return false;
    return this.#toPlace(step, known).every(content => bytes.get(content) === 'right');
  }

  /** Contents that lie not yet, or no longer, where they belong in the project. */
  #toPlace(step: ModelStep, result: Result): readonly string[] {
    return step.makes.flatMap(({ name, isPlaced }) => {
      const content = result[name];
      if (!isPlaced || content === undefined) return [];
      return this.#memory.placed.get(placedPath(step.name, name)) === content ? [] : [content];
    });
  }

  #take(step: ModelStep, result: Result): void {
    const isMoved = this.#toPlace(step, result).length > 0;
    this.#outcomes.set(step.name, isMoved ? 'restored' : 'up-to-date');
    this.#finish(step, result);
  }

  #execute(step: ModelStep, seen: Seen, key: string): void {
    this.#remakeInputs(step);
    this.#executed.add(step.name);
    if (this.#orders.failing.has(step.name)) {
      this.#outcomes.set(step.name, 'failed');
      return;
    }
    const result = Object.fromEntries(
      step.makes.map(port => [port.name, contentOf(step.name, port, seen)]),
    );
    this.#memory.traces.set(key, result);
    for (const content of Object.values(result)) this.#memory.bytes.set(content, 'right');
    this.#outcomes.set(step.name, 'succeeded');
    this.#finish(step, result);
  }

  /** An executing step reads its inputs: where bytes are wrong or gone, their makers execute again. */
  #remakeInputs(step: ModelStep): void {
    for (const origin of step.takes) {
      if (origin.kind === 'file') continue;
      const content = this.#outputs.get(origin.step)?.[origin.port] ?? '';
      if (this.#memory.bytes.get(content) === 'right') continue;
      const maker = this.#world.steps.find(({ name }) => name === origin.step);
      if (maker === undefined) throw new Error(`no step ${origin.step}`);
      const seen = this.#seenBy(maker);
      this.#execute(maker, seen, this.#memory.lastKeys.get(maker.name) ?? '');
    }
  }

  #finish(step: ModelStep, result: Result): void {
    this.#outputs.set(step.name, result);
    for (const { name, isPlaced } of step.makes) {
      const content = result[name];
      if (isPlaced && content !== undefined) {
        this.#memory.placed.set(placedPath(step.name, name), content);
      }
    }
  }
}
