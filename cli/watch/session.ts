/**
 * Watching a pipeline: what is noticed or wished for becomes, or does not become, another round.
 * One thing after another, in the order in which it came. Unaware of chokidar, terminals and Ink:
 * all it does to the world goes through its ports.
 */
import type { RunEvent, Stamped } from '../../schema/event.ts';
import type { Plan } from '../../schema/plan.ts';
import type { PlannedProject } from '../compilation.ts';
import type { Wish } from './keys.ts';
import { lookUntilWhole, waitUntilStill } from './patience.ts';
import type { Round } from './round.ts';
import { chosenSteps, describeFilter, type Filter } from './selection.ts';
import type { Compiled, Notice, SessionPorts } from './session-ports.ts';
import { differences, type Sight } from './sight.ts';
import { staleSteps } from './staleness.ts';
import { isWithin, type Places, type WatchSet } from './watch-set.ts';

/** What a round was started with. */
type Base = { readonly planned: PlannedProject; readonly sight: Sight };

const noStepIs = (filter: Filter): string => `no step is called ${describeFilter(filter)}`;

const planText = ({ plan, compilation: { settings } }: PlannedProject): string =>
  JSON.stringify([plan, settings]);

export class Session {
  readonly #ports: SessionPorts;
  readonly #places: Places;
  #filter: Filter;
  #set: WatchSet;
  #seen: Sight = new Map();
  #good: PlannedProject | undefined;
  #problem: string | undefined;
  /** Of the round that was started last. */
  #base: Base | undefined;
  #current: Round | undefined;
  /** Every run that is not over: the current one, and those that have given way. */
  readonly #alive = new Map<Round, Base>();
  #failed: ReadonlySet<string> = new Set();
  readonly #notices: Notice[] = [];
  #isBusy = false;
  #isIdle = false;
  #isQuitting = false;
  readonly #over = Promise.withResolvers<void>();

  constructor(ports: SessionPorts, places: Places, filter: Filter) {
    this.#ports = ports;
    this.#places = places;
    this.#filter = filter;
    this.#set = { root: places.root, points: [], trees: [], globs: [] };
  }

  /** The first round, and all that follow; settles when the watching is over. */
  async run(): Promise<void> {
    this.#isBusy = true;
    await this.#consider(await this.#compile());
    this.#goOn();
    await this.#over.promise;
  }

  get isRunning(): boolean {
    return this.#alive.size > 0;
  }

  /** Has there been a round? */
  get hasRun(): boolean {
    return this.#base !== undefined;
  }

  /** A round shows what an earlier one still executes in its stead. */
  share(event: Stamped<RunEvent>, round: Round): void {
    const current = this.#current;
    if (round !== current) current?.adopt(event, round);
    else if (event.type === 'step-judged') {
      for (const earlier of this.#alive.keys()) {
        const start = earlier === current ? undefined : earlier.executing().get(event.step);
        if (start !== undefined) current.adopt(start, earlier);
      }
    }
  }

  notice(notice: Notice): void {
    this.#notices.push(notice);
    this.#pump();
  }

  /** Ends when what runs has ended; starts nothing more. */
  quit(): void {
    this.#isQuitting = true;
    if (!this.isRunning) this.#over.resolve();
  }

  #pump(): void {
    if (this.#isBusy) return;
    const next = this.#notices.shift();
    this.#isBusy = next !== undefined;
    if (next !== undefined) this.#take(next).then(this.#goOn, this.#over.reject);
    else if (!this.isRunning && !this.#isIdle && !this.#isQuitting) {
      this.#isIdle = true;
      this.#ports.tell.idle(describeFilter(this.#filter));
    }
  }

  #goOn = (): void => {
    this.#isBusy = false;
    this.#pump();
  };

  async #take(notice: Notice): Promise<void> {
    if (notice.kind === 'ended') return this.#roundEnded(notice.round);
    if (this.#isQuitting) return;
    if (notice.kind === 'changed') await this.#mayHaveChanged(notice.paths);
    else await this.#grant(notice.wish);
  }

  async #mayHaveChanged(paths: ReadonlySet<string>): Promise<void> {
    const now = await lookUntilWhole(this.#ports, this.#seen, paths, this.#set);
    const isNews = differences(this.#seen, now).length > 0 || this.#isBeyond(paths);
    this.#seen = now;
    if (isNews) await this.#consider(await this.#compile());
  }

  /**
   * A pipeline that is newly broken is compiled once more when nothing moves: a checkout may have
   * begun under the compiler, which then has read the files of two branches.
   */
  async #compile(): Promise<Compiled> {
    const { compile, lookAgain } = this.#ports;
    const compiled = await compile(this.#good?.plan);
    if (compiled.planned !== undefined || compiled.diagnostics === this.#problem) return compiled;
    await waitUntilStill(this.#ports);
    this.#seen = await lookAgain(this.#seen, Object.values(this.#places), this.#set);
    return compile(this.#good?.plan);
  }

  /** May what only a pattern covers have changed? What the pattern gives is the compiler's to see. */
  #isBeyond(paths: ReadonlySet<string>): boolean {
    const units = [...this.#set.points, ...this.#set.trees];
    return [...paths].some(
      path => this.#set.root === path || !units.some(unit => isWithin(path, unit)),
    );
  }

  /** A fresh compilation: is it another plan, are its inputs others? */
  async #consider({ planned, diagnostics, set }: Compiled): Promise<void> {
    const { tell } = this.#ports;
    await this.#watch(set);
    if (planned === undefined) {
      if (diagnostics !== this.#problem) tell.broken(diagnostics, this.#good !== undefined);
      this.#problem = diagnostics;
      this.#isIdle = false;
      return;
    }
    const wasBroken = this.#problem !== undefined;
    this.#problem = undefined;
    this.#good = planned;
    if (diagnostics !== '') tell.warned(diagnostics);
    if (!this.#isAsBefore(planned)) {
      await this.#startRound(planned);
    } else if (wasBroken) {
      tell.unchanged();
      this.#isIdle = false;
    }
  }

  /** The same plan, and what its steps read is the same. What else was looked at is in the plan. */
  #isAsBefore(planned: PlannedProject): boolean {
    const base = this.#base;
    if (base === undefined || planText(base.planned) !== planText(planned)) return false;
    const changed = new Set(differences(base.sight, this.#seen));
    if (this.#set.trees.some(tree => changed.has(tree))) return false;
    this.#base = { planned, sight: this.#seen };
    return true;
  }

  /** From now on this is what matters; what has not been looked at yet is looked at. */
  async #watch(set: WatchSet): Promise<void> {
    const units = [...set.points, ...set.trees];
    const known = units.flatMap(unit => {
      const seen = this.#seen.get(unit);
      return seen === undefined ? [] : [[unit, seen] as const];
    });
    const unseen = units.filter(unit => !this.#seen.has(unit));
    this.#set = set;
    this.#seen = await this.#ports.lookAgain(new Map(known), unseen, set);
    // A round need not wait for it: what changes meanwhile is seen by the look afterwards.
    this.#ports.follow(set).then(isNew => isNew && this.#ports.checkAll(), this.#over.reject);
  }

  async #startRound(
    planned: PlannedProject,
    filter: Filter = this.#filter,
    force?: ReadonlySet<string>,
  ): Promise<void> {
    const { plan } = planned;
    const { tell } = this.#ports;
    const chosen = chosenSteps(plan, filter);
    // What nobody has asked for does not run: it may be an effect.
    if (chosen === 'none') tell.notice(noStepIs(filter));
    let only = chosen === 'none' ? new Set<string>() : chosen;
    if (only !== undefined && force !== undefined) only = only.union(force);
    await this.#makeRoom(plan, only);
    if (this.#isQuitting) return;
    this.#isIdle = false;
    if (only?.size === 0) return;
    const round = await this.#ports.startRound(planned, { only, force });
    if (round === undefined) return;
    const base = { planned, sight: this.#seen };
    this.#base = base;
    this.#current = round;
    this.#alive.set(round, base);
    round.ended.then(() => this.notice({ kind: 'ended', round }), this.#over.reject);
  }

  async #makeRoom(plan: Plan, only: ReadonlySet<string> | undefined): Promise<void> {
    if (this.#base === undefined) return;
    const news = differences(this.#base.sight, this.#seen);
    const kept: string[] = [];
    const given = [...this.#alive].map(async ([round, base]) => {
      const changed = differences(base.sight, this.#seen);
      const stale = staleSteps(
        { before: base.planned.plan, after: plan, changed, only },
        this.#places,
      );
      kept.push(...[...round.executing().keys()].filter(step => !stale.has(step)));
      await round.giveWay(stale);
    });
    this.#ports.tell.changed(news, kept);
    await Promise.all(given);
    this.#current = undefined;
  }

  async #roundEnded(round: Round): Promise<void> {
    this.#alive.delete(round);
    if (round === this.#current) {
      this.#current = undefined;
      const { outcomes } = await round.ended;
      this.#failed = new Set(
        [...outcomes].flatMap(([id, { kind }]) => (kind === 'failed' ? id : [])),
      );
      await round.reader.end();
      await this.#ports.tell.roundEnded(round);
    }
    if (this.#isQuitting) {
      if (!this.isRunning) this.#over.resolve();
    } else if (!this.isRunning) {
      this.#ports.checkAll();
    }
  }

  async #grant(wish: Wish): Promise<void> {
    const { tell } = this.#ports;
    switch (wish.kind) {
      case 'now':
        if (this.#current !== undefined) return;
        break;
      case 'failed': {
        if (this.#failed.size === 0) return tell.notice('nothing has failed');
        const names = [...this.#failed];
        return this.#runGood({ kind: 'steps', names });
      }
      case 'all':
        this.#filter = { kind: 'all' };
        break;
      case 'filter':
        if (!this.#narrow(wish.text)) return;
        break;
      case 'rerun':
        return this.#rerun(wish.text);
      default:
        return; // To quit is not for the session to decide.
    }
    await this.#runGood(this.#filter);
  }

  /** False, and what was chosen before stays, where nothing is called so. */
  #narrow(text: string): boolean {
    const filter: Filter = text === '' ? { kind: 'all' } : { kind: 'text', text };
    const isKnown = this.#good === undefined || chosenSteps(this.#good.plan, filter) !== 'none';
    if (isKnown) this.#filter = filter;
    else this.#ports.tell.notice(noStepIs(filter));
    return isKnown;
  }

  /** A round as any other, but for steps that execute in it whatever is known of them. */
  async #rerun(text: string): Promise<void> {
    if (text === '' || this.#good === undefined) return;
    const wanted: Filter = { kind: 'text', text };
    const force = chosenSteps(this.#good.plan, wanted);
    if (force instanceof Set) await this.#startRound(this.#good, this.#filter, force);
    else this.#ports.tell.notice(noStepIs(wanted));
  }

  async #runGood(filter: Filter): Promise<void> {
    if (this.#good === undefined) this.#ports.tell.notice('there is no plan to run yet');
    else await this.#startRound(this.#good, filter);
  }
}
