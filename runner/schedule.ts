/**
 * Which step is next. Unaware of caches, files and processes: it is told how things ended, and says
 * what may begin. Linear in steps and needs; nothing in it recurses.
 *
 *            needs have ended             has to execute    capacity
 *   waiting ──────────────────► ready ──► judging ──────► queued ──────► running
 *     │  ▲                      │  ▲         │              │              │
 *     └──┼── skipped ───────────┴──┼─────────┴── hit, stop ─┴─► finished ◄─┘
 *        │                         │                               │
 *        ├───── its bytes are gone, what it took is given anew, ───┘
 *        │      or somebody asks for it once more
 *        └── from everywhere but finished: a need is made again, or inputs have moved
 */
import type { Outcome, Reopening } from '../schema/event.ts';
import type { StepId } from '../schema/id.ts';
import type { PlanStep } from '../schema/plan.ts';
import { Capacity, type Limits } from './capacity.ts';
import { isRevocable, notReached } from './consequence.ts';
import { PriorityQueue } from './priority-queue.ts';
import {
  canBeReached,
  endBy,
  hasEndedByItself,
  type Node,
  nodeOf,
  type StepState,
} from './schedule-node.ts';
import { WaitingLines } from './waiting-lines.ts';

export type Task = { readonly kind: 'judge' | 'execute'; readonly step: StepId };

export type ScheduleOptions = {
  readonly limits: Limits;
  readonly keepGoing: boolean;
  /** Steps that are judged at a time: enough to keep the disk busy, no more. */
  readonly judges: number;
  /** Called for every step that ends without a task of its own: skipped. */
  readonly onSkipped: (step: StepId, outcome: Outcome) => void;
  /** Called for every step that had ended, or executes, and is judged once more. */
  readonly onReopened: (step: StepId, because: Reopening) => void;
};

/** `for-failure`: who asks for a step once more takes it back. */
type Stopped = 'not' | 'for-failure' | 'for-good';

export class Schedule {
  readonly #nodes = new Map<StepId, Node>();
  readonly #options: ScheduleOptions;
  readonly #capacity: Capacity;
  readonly #ready: PriorityQueue<Node>;
  readonly #queued: WaitingLines;
  #judging = 0;
  #unfinished: number;
  #stopped: Stopped = 'not';

  constructor(steps: readonly PlanStep[], options: ScheduleOptions) {
    this.#options = options;
    this.#capacity = new Capacity(options.limits);
    const rank = (node: Node) => node.order - node.height * steps.length;
    this.#ready = new PriorityQueue(rank);
    for (const [order, step] of steps.entries()) this.#add(step, order);
    const nodes = [...this.#nodes.values()];
    this.#unfinished = nodes.length;
    this.#queued = new WaitingLines(nodes.toReversed(), rank);
    for (const node of nodes.toReversed()) {
      node.height = 1 + node.consumers.reduce((most, { height }) => Math.max(most, height), 0);
    }
    for (const node of nodes) if (node.needs.length === 0) this.#move(node, { kind: 'ready' });
  }

  get ended(): boolean {
    return this.#unfinished === 0;
  }

  stateOf(step: StepId): StepState {
    return this.#node(step).state;
  }

  /** What may begin now. The caller begins all of it and reports each end. */
  begin(): readonly Task[] {
    const tasks: Task[] = [];
    for (const node of this.#queued.fitting(this.#capacity)) {
      this.#move(node, { kind: 'running' });
      tasks.push({ kind: 'execute', step: node.id });
    }
    while (this.#judging < this.#options.judges) {
      const node = this.#ready.take();
      if (node === undefined) break;
      if (node.state.kind !== 'ready') continue;
      this.#move(node, { kind: 'judging' });
      tasks.push({ kind: 'judge', step: node.id });
    }
    return tasks;
  }

  /** The rebuilder has decided that it must execute. */
  mustExecute(step: StepId): void {
    const node = this.#node(step);
    if (this.#isStopped) this.#skip(node, notReached);
    else this.#move(node, this.#unlessWaiting(node, node.isOutdated ? 'ready' : 'queued'));
  }

  /**
   * The process of a running step is gone; what it made is still to be taken in, and that waits for
   * disks: the machine may be given to others meanwhile.
   */
  leaveMachine(step: StepId): void {
    const { state, demand } = this.#node(step);
    if (state.kind === 'running') this.#capacity.leaveMachine(demand);
  }

  /** A step that was judged or executed has ended. */
  finish(step: StepId, outcome: Outcome): void {
    this.#move(this.#node(step), { kind: 'finished', outcome });
    this.#settle(this.#node(step));
    // A step that somebody cancels is no failure: only what needs it has no turn.
    if (outcome.kind === 'failed' && !this.#options.keepGoing) this.#stop('for-failure');
  }

  /**
   * Somebody wants a step once more that has ended, or whose attempt was ended for this: it is judged
   * again, and what was not reached has its turn. False when it has not begun, or was skipped, or the
   * run is stopping.
   */
  takeUp(step: StepId): boolean {
    const node = this.#node(step);
    const { state } = node;
    if (this.#stopped === 'for-good' || this.ended) return false;
    if (state.kind !== 'running' && !hasEndedByItself(state)) return false;
    this.#stopped = 'not';
    if (state.kind === 'running') this.#again(node, 'asked');
    else this.#reopen(node, 'asked');
    // In the order of the plan: needs come first, so that one look at each is enough.
    for (const other of this.#nodes.values()) {
      if (canBeReached(other)) this.#reopen(other, 'need-reopened');
    }
    return true;
  }

  /**
   * `step` could not be judged or executed because bytes that `producers` made are gone: these are
   * judged again, with what is there now, and the step waits for them. False when the run is
   * stopping.
   */
  remake(step: StepId, producers: readonly StepId[]): boolean {
    if (this.#isStopped) return false;
    for (const producer of producers) {
      const maker = this.#node(producer);
      if (maker.state.kind === 'finished') this.#reopen(maker, 'bytes-gone');
    }
    const node = this.#node(step);
    this.#move(node, this.#unlessWaiting(node, 'ready'));
    return true;
  }

  /**
   * A step that had ended before gives something else now: what has taken the old is judged again.
   * Who is being judged or executes at this moment goes on, and is then `outdated`.
   */
  judgeConsumersAgain(step: StepId): void {
    if (this.#isStopped) return;
    const changed = [this.#node(step)];
    for (let node = changed.pop(); node !== undefined; node = changed.pop()) {
      for (const consumer of node.consumers) {
        const { kind } = consumer.state;
        if (!consumer.consumes.has(node.id)) continue;
        if (kind === 'judging' || kind === 'running') consumer.isOutdated = true;
        if (consumer.state.kind !== 'finished' || !isRevocable(consumer.state.outcome)) continue;
        this.#reopen(consumer, 'need-changed');
        if (this.#skipIfAbandoned(consumer)) changed.push(consumer);
      }
    }
  }

  /** Something that the step took is not what its need gives now. */
  isOutdated(step: StepId): boolean {
    return this.#node(step).isOutdated;
  }

  /** What its key was made from has moved. False when the run is stopping. */
  judgeAgain(step: StepId): boolean {
    if (this.#isStopped) return false;
    const node = this.#node(step);
    this.#move(node, this.#unlessWaiting(node, 'ready'));
    return true;
  }

  /** Nothing new begins; what runs is the caller's to end or to wait for. */
  stop(): void {
    this.#stop('for-good');
  }

  get #isStopped(): boolean {
    return this.#stopped !== 'not';
  }

  #stop(how: Stopped): void {
    if (this.#stopped !== 'for-good') this.#stopped = how;
    for (const node of this.#nodes.values()) {
      const { kind } = node.state;
      if (kind === 'waiting' || kind === 'ready' || kind === 'queued') this.#skip(node, notReached);
    }
  }

  #add(step: PlanStep, order: number): void {
    // Needs outside of the selection do not exist here.
    const needs = step.needs.flatMap(need => this.#nodes.get(need) ?? []);
    const node = nodeOf(step, order, needs);
    this.#nodes.set(step.id, node);
    for (const need of needs) need.consumers.push(node);
  }

  /** The only place where a state changes; what a state holds on to is taken and given here. */
  #move(node: Node, to: StepState): void {
    const from = node.state;
    if (from.kind === 'judging') this.#judging -= 1;
    if (from.kind === 'running') this.#capacity.give(node.demand);
    node.state = to;
    if (to.kind === 'ready') this.#ready.add(node);
    if (to.kind === 'judging') {
      this.#judging += 1;
      node.isOutdated = false;
    }
    if (to.kind === 'queued') this.#queued.add(node);
    if (to.kind === 'running') this.#capacity.take(node.demand);
    if (to.kind === 'finished') this.#unfinished -= 1;
  }

  /** Tells consumers that a step has ended; those that cannot go on end as well, and so on. */
  #settle(first: Node): void {
    const ended = [first];
    for (let node = ended.pop(); node !== undefined; node = ended.pop()) {
      for (const consumer of node.consumers) {
        if (consumer.state.kind !== 'waiting') continue;
        const outcome = endBy([node], consumer);
        if (outcome !== undefined) {
          this.#skipOne(consumer, outcome);
          ended.push(consumer);
          continue;
        }
        const missing = consumer.state.missing - 1;
        this.#move(consumer, missing === 0 ? { kind: 'ready' } : { kind: 'waiting', missing });
      }
    }
  }

  #skip(node: Node, outcome: Outcome): void {
    this.#skipOne(node, outcome);
    this.#settle(node);
  }

  #skipOne(node: Node, outcome: Outcome): void {
    this.#move(node, { kind: 'finished', outcome });
    this.#options.onSkipped(node.id, outcome);
  }

  /** What has ended goes on; its consumers that have not begun, or were not reached, wait for it. */
  #reopen(node: Node, because: Reopening): void {
    this.#unfinished += 1;
    this.#again(node, because);
  }

  #again(first: Node, because: Reopening): void {
    this.#options.onReopened(first.id, because);
    this.#move(first, this.#unlessWaiting(first, 'ready'));
    const open = [first];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      for (const consumer of node.consumers) {
        const { kind } = consumer.state;
        const isHeld = kind === 'waiting' || kind === 'ready' || kind === 'queued';
        if (isHeld) this.#move(consumer, this.#unlessWaiting(consumer, 'ready'));
        else if (canBeReached(consumer)) {
          this.#unfinished += 1;
          this.#options.onReopened(consumer.id, 'need-reopened');
          this.#move(consumer, this.#unlessWaiting(consumer, 'ready'));
          open.push(consumer);
        }
      }
    }
  }

  /** True when a need of a step that was opened again now ends it. */
  #skipIfAbandoned(node: Node): boolean {
    const outcome = endBy(node.needs, node);
    if (outcome !== undefined) this.#skip(node, outcome);
    return outcome !== undefined;
  }

  /** A need may be in the making again: then its consumers wait once more, and are judged anew. */
  #unlessWaiting(node: Node, kind: 'ready' | 'queued'): StepState {
    const missing = node.needs.filter(need => need.state.kind !== 'finished').length;
    return missing === 0 ? { kind } : { kind: 'waiting', missing };
  }

  #node(step: StepId): Node {
    const node = this.#nodes.get(step);
    if (node === undefined) throw new Error(`bug: no step ${step} in the schedule`);
    return node;
  }
}
