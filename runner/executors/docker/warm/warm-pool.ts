/**
 * Keeps containers warm between attempts: who may use which, where their folders lie meanwhile, and
 * when they have waited long enough. What is not as it was when it was new is never used again.
 * Unaware of how an attempt runs in one.
 */

import { join } from 'node:path';
import { getgid, getuid } from 'node:process';
import { sha256 } from '../../../../schema/id.ts';
import type { Reservation } from '../../executor.ts';
import type { Engine } from '../engine.ts';
import { Place } from './place.ts';
import { ownFolders, shapeOf, type Wanted, warmSpecification } from './shape.ts';
import { WarmContainer } from './warm-container.ts';

/** Nobody comes back to a container after this. */
const IDLE_MS = 5 * 60_000;
/** Kept at most while nothing runs in them; the oldest goes first. */
const MOST_IDLE = 8;

/** A folder that lives as long as this process holds it. */
export type HeldFolder = {
  readonly path: string;
  readonly name: string;
  readonly release: () => void;
};

export type WarmOptions = {
  readonly engine: Engine;
  /** Where folders rest; on the disk of the working directories. Asked for once, if at all. */
  readonly hold: () => Promise<HeldFolder | undefined>;
  readonly idleMs?: number;
};

type Slot = {
  readonly warm: WarmContainer;
  readonly place: Place;
  readonly shape: string;
  /** The same without devices: those are known only when an attempt executes. */
  readonly family: string;
  timer?: NodeJS.Timeout;
};

export class WarmPool {
  readonly #options: WarmOptions;
  #held: Promise<HeldFolder | undefined> | undefined;
  /** Oldest first. */
  readonly #idle = new Set<Slot>();
  /** By working directory. */
  readonly #lent = new Map<string, Slot>();
  /** Being emptied for the next attempt. */
  readonly #returning = new Set<Promise<boolean>>();
  /** Shapes of which no container could be told to be clean. */
  readonly #unfit = new Set<string>();
  #made = 0;
  #isClosed = false;

  constructor(options: WarmOptions) {
    this.#options = options;
  }

  /** Where one waits that may fit, its folders take the place of the working directory. */
  async reserve(coming: Reservation, image: string): Promise<void> {
    const folders = ownFolders(coming);
    if (folders === undefined) return;
    // What the attempt before it used is emptied within a moment; a new one takes many.
    await Promise.all(this.#returning);
    const family = familyOf(coming, image);
    for (const slot of [...this.#idle].toReversed()) {
      if (slot.family !== family || !slot.warm.isAlive) continue;
      if (!slot.place.moveTo(folders)) return;
      this.#idle.delete(slot);
      clearTimeout(slot.timer);
      this.#lent.set(coming.workdir, slot);
      return;
    }
  }

  /** For an attempt that is about to execute; undefined where it takes a container of its own. */
  async take(
    attempt: Reservation & Pick<Wanted, 'devices'>,
    image: string,
  ): Promise<WarmContainer | undefined> {
    const folders = ownFolders(attempt);
    if (folders === undefined || this.#isClosed) return undefined;
    const wanted = { image, user: callingUser(), devices: attempt.devices };
    const shape = keyOf(shapeOf(attempt, wanted));
    const lent = this.#lent.get(attempt.workdir);
    if (lent !== undefined) {
      return lent.shape === shape && lent.warm.isAlive ? lent.warm : undefined;
    }
    if (this.#unfit.has(shape)) return undefined;
    const held = await this.#hold();
    if (held === undefined) return undefined;
    const labels = { ...attempt.labels, run: held.name, warm: 'yes' };
    const specification = warmSpecification(attempt, wanted, labels);
    const started = await WarmContainer.start(this.#options.engine, specification, wanted.user.uid);
    if (!started.ok || started.value === undefined) {
      this.#unfit.add(shape);
      return undefined; // What is wrong shows better in a container of its own.
    }
    this.#made += 1;
    const place = new Place(folders, join(held.path, String(this.#made)));
    const family = familyOf(attempt, image);
    this.#lent.set(attempt.workdir, { warm: started.value, place, shape, family });
    return started.value;
  }

  /** The folders leave before this returns; settles when the container waits again, or is gone. */
  async release(workdir: string): Promise<void> {
    const slot = this.#lent.get(workdir);
    if (slot === undefined) return;
    this.#lent.delete(workdir);
    const isUsable = !this.#isClosed && slot.warm.isAlive && slot.place.takeBack();
    if (!isUsable) return end(slot);
    const emptied = slot.place.empty();
    this.#returning.add(emptied);
    const isEmpty = await emptied;
    this.#returning.delete(emptied);
    if (isEmpty && !this.#isClosed) this.#rest(slot);
    else await end(slot);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const slots = [...this.#idle, ...this.#lent.values()];
    this.#idle.clear();
    this.#lent.clear();
    await Promise.all(slots.map(end));
    (await this.#held)?.release();
  }

  #rest(slot: Slot): void {
    this.#idle.add(slot);
    slot.timer = setTimeout(() => this.#drop(slot), this.#options.idleMs ?? IDLE_MS);
    slot.timer.unref();
    const [oldest] = this.#idle;
    if (this.#idle.size > MOST_IDLE && oldest !== undefined) this.#drop(oldest);
  }

  #drop(slot: Slot): void {
    this.#idle.delete(slot);
    void end(slot);
  }

  #hold(): Promise<HeldFolder | undefined> {
    this.#held ??= this.#options.hold();
    return this.#held;
  }
}

async function end({ warm, place, timer }: Slot): Promise<void> {
  clearTimeout(timer);
  await warm.end();
  await place.remove();
}

/** With devices or without; which ones they are shows later. */
const familyOf = (coming: Reservation, image: string): string =>
  keyOf(`${shapeOf(coming, { image, user: callingUser() })} ${coming.resources.gpus}`);

const keyOf = (shape: string): string => sha256(shape);

/** Systems without users of this kind run containers in a machine of their own, as its root. */
export const callingUser = () => ({ uid: getuid?.() ?? 0, gid: getgid?.() ?? 0 });
