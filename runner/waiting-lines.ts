/**
 * Steps that wait for the machine, in one line per kind of demand: whether the first of a line fits
 * decides for all behind it. So thousands that do not fit cost no more than one. Moves nothing itself.
 */
import type { Capacity } from './capacity.ts';
import { PriorityQueue } from './priority-queue.ts';
import type { Node } from './schedule-node.ts';

export class WaitingLines {
  readonly #lines: ReadonlyMap<string, PriorityQueue<Node>>;

  /** For all that may ever stand here: which line is asked first must not depend on who came first. */
  constructor(nodes: readonly Node[], rank: (node: Node) => number) {
    this.#lines = new Map(nodes.map(({ line }) => [line, new PriorityQueue(rank)]));
  }

  add(node: Node): void {
    this.#lines.get(node.line)?.add(node);
  }

  /** Who fits now. Whoever is told takes what it needs before asking for the next. */
  *fitting(capacity: Capacity): Iterable<Node> {
    for (const line of this.#lines.values()) {
      for (let node = line.first; node !== undefined; node = line.first) {
        // One that was skipped while it stood in line only leaves it.
        const isQueued = node.state.kind === 'queued';
        if (isQueued && !capacity.fits(node.demand)) break;
        line.take();
        if (isQueued) yield node;
      }
    }
  }
}
