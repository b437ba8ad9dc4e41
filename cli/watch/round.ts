/**
 * One round of a watched pipeline: a run, its reader, and how it gives way to the next one. Unaware
 * of files and of why there is a round.
 *
 *   running ── giveWay: nothing new starts, stale steps end ──► over, or
 *                                                               lingering: steps that hold go on
 */
import { type RunRequest, type RunSummary, run } from '../../runner/run.ts';
import type { StepCommands } from '../../runner/step-commands.ts';
import type { RunEvent, Stamped } from '../../schema/event.ts';
import type { RunId, StepId } from '../../schema/id.ts';
import type { Plan } from '../../schema/plan.ts';
import type { Reader } from '../readers.ts';

export type RoundOptions = {
  readonly request: Omit<RunRequest, 'events' | 'finishUp' | 'commands'>;
  readonly reader: Reader;
  readonly commands: StepCommands;
  /** Every event of the run, also of what it does after it has given way. */
  readonly onEvent: (event: Stamped<RunEvent>, round: Round) => void;
};

type Adoptable = Extract<
  Stamped<RunEvent>,
  {
    readonly type:
      | 'step-started'
      | 'step-output'
      | 'step-progress'
      | 'step-metric'
      | 'step-usage'
      | 'step-hint';
  }
>;

export class Round {
  readonly id: RunId;
  readonly plan: Plan;
  /** Settles when the run is over; its reader may have ended long before. */
  readonly ended: Promise<RunSummary>;
  readonly #options: RoundOptions;
  readonly #finishUp = new AbortController();
  /** Begun and not ended: of steps that wait for another round to make it, there is no start yet. */
  readonly #begun = new Map<StepId, Adoptable | undefined>();
  readonly #startedAt = performance.now();
  #onChange: (() => void) | undefined;
  #lingers = false;

  constructor(options: RoundOptions) {
    const { request } = options;
    this.#options = options;
    this.id = request.run;
    this.plan = request.plan;
    this.ended = run({
      ...request,
      events: this.#hear,
      finishUp: this.#finishUp.signal,
      commands: options.commands,
    }).finally(() => this.#onChange?.());
  }

  get reader(): Reader {
    return this.#options.reader;
  }

  /** Steps that execute, with the event that said so. */
  executing(): ReadonlyMap<StepId, Adoptable> {
    return new Map(
      [...this.#begun].flatMap(([step, start]) => (start === undefined ? [] : [[step, start]])),
    );
  }

  /**
   * Starts nothing new and ends the stale steps; settles once they are gone. What then still
   * executes goes on, its result is kept, and the reader hears no more of this round.
   */
  async giveWay(stale: ReadonlySet<StepId>): Promise<void> {
    this.#finishUp.abort();
    const gone = new Promise<void>(resolve => {
      this.#onChange = () => {
        if (![...this.#begun].some(([step, start]) => start === undefined || stale.has(step))) {
          resolve();
        }
      };
    });
    for (const [step, start] of this.#begun) {
      const isOver = start === undefined || stale.has(step);
      if (isOver) this.#options.commands.send({ kind: 'cancel', step });
    }
    this.#onChange?.();
    await Promise.race([gone, this.ended]);
    if (this.#begun.size === 0) await this.ended;
    else this.#lingers = true;
    await this.reader.end();
  }

  /** Shows what a round before this one still executes as if this one did: it waits for it. */
  adopt(event: Stamped<RunEvent>, from: Round): void {
    if (!isAdoptable(event) || !this.#begun.has(event.step)) return;
    const at = event.at + from.#startedAt - this.#startedAt;
    this.reader.read({ ...event, at });
  }

  #hear = (event: Stamped<RunEvent>): void => {
    this.#follow(event);
    if (!this.#lingers) this.reader.read(event);
    this.#options.onEvent(event, this);
    this.#onChange?.();
  };

  #follow(event: Stamped<RunEvent>): void {
    if (event.type === 'step-judged' && event.verdict === 'execute') {
      this.#begun.set(event.step, undefined);
    } else if (event.type === 'step-started') {
      this.#begun.set(event.step, event);
    } else if (event.type === 'step-finished') {
      this.#begun.delete(event.step);
    }
  }
}

const ADOPTABLE = new Set([
  'step-started',
  'step-output',
  'step-progress',
  'step-metric',
  'step-usage',
  'step-hint',
]);

const isAdoptable = (event: Stamped<RunEvent>): event is Adoptable => ADOPTABLE.has(event.type);
