/**
 * Says what a run must do, from rules that fit on this page, and what its outputs must be: those of
 * a clean build. Knows of the store only what the rules speak of: which results are remembered,
 * which bytes are there. Unaware of how any of it is done.
 */
import {
  commandText,
  contentsOf,
  type ModelStep,
  type Origin,
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
  /** The run is interrupted when so many commands have begun. */
  readonly interruptedAt: number | undefined;
};

export class Oracle {
  /** What was seen → what was made of it. */
  readonly #traces = new Map<string, Result>();
  /** Content → are its stored bytes right? What is not in here is not in the store. */
  readonly #bytes = new Map<string, 'right' | 'wrong'>();
  /** Path → what lies in the project. */
  readonly placed = new Map<string, string>();
  /** Effect → what is in place. */
  readonly #effects = new Map<string, string>();

  undo(effect: string): void {
    this.#effects.delete(effect);
  }

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
    return this.#run(world, orders).predict();
  }

  /** Which steps an interrupt found at the end nobody can say; what they left is known. */
  learn(world: World, orders: Orders, ended: Readonly<Record<string, string>>): Prediction {
    return this.#run(world, orders).learn(ended);
  }

  #run(world: World, orders: Orders): PredictedRun {
    return new PredictedRun(world, orders, {
      traces: this.#traces,
      bytes: this.#bytes,
      placed: this.placed,
      effects: this.#effects,
      lastKeys: this.#lastKeys,
    });
  }
}

type Memory = {
  readonly traces: Map<string, Result>;
  readonly bytes: Map<string, 'right' | 'wrong'>;
  readonly placed: Map<string, string>;
  readonly effects: Map<string, string>;
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

  learn(ended: Readonly<Record<string, string>>): Prediction {
    const came = ['succeeded', 'restored', 'up-to-date'];
    for (const step of this.#world.steps) {
      const outcome = ended[step.name] ?? '';
      if (!came.includes(outcome)) continue;
      const seen = this.#seenBy(step);
      if (outcome === 'succeeded') this.#execute(step, seen, keyOf(step, seen));
      else this.#take(step, contentsOf(step, seen));
    }
    return { executed: [...this.#executed].sort(), outcomes: {}, outputs: this.#outputs };
  }

  #judge(step: ModelStep): void {
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
      isTrusted: step.isTrusted,
      token: step.kind === 'source' ? this.#world.token : undefined,
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
    if (step.kind === 'effect' && !this.#isInPlace(step, known)) return false;
    return this.#toPlace(step, known).every(content => bytes.get(content) === 'right');
  }

  /** The check says so, which sees what the step would see. */
  #isInPlace(step: ModelStep, known: Result): boolean {
    this.#remakeInputs(step);
    return this.#memory.effects.get(step.name) === JSON.stringify(known);
  }

  #isLost(origin: Origin): boolean {
    if (origin.kind === 'file') return false;
    const content = this.#outputs.get(origin.step)?.[origin.port] ?? '';
    return this.#memory.bytes.get(content) !== 'right';
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
    const result = contentsOf(step, seen);
    if (step.kind === 'effect') this.#memory.effects.set(step.name, JSON.stringify(result));
    this.#memory.traces.set(key, result);
    for (const content of Object.values(result)) this.#memory.bytes.set(content, 'right');
    this.#outcomes.set(step.name, 'succeeded');
    this.#finish(step, result);
  }

  /** An executing step reads its inputs: where bytes are wrong or gone, their makers execute again. */
  #remakeInputs(step: ModelStep): void {
    for (const origin of step.takes) {
      if (origin.kind === 'file' || !this.#isLost(origin)) continue;
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

const keyOf = (step: ModelStep, seen: Seen): string =>
  JSON.stringify([seen, step.takes.map(({ kind }) => kind), step.makes.map(({ name }) => name)]);
