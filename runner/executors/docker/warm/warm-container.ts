/**
 * A started container in which nothing runs but its guard. Its input is held open from here: when
 * this process ends, however it does, the container ends too. Unaware of steps.
 */
import { lstatSync, readFileSync } from 'node:fs';
import type Docker from 'dockerode';
import type { ContainerCreateOptions } from 'dockerode';
import type { Gauge } from '../../executor.ts';
import { containerGauge } from '../container-usage.ts';
import { type Answer, ask, type Engine, type Refusal, removeContainer } from '../engine.ts';
import { frameReader } from '../output.ts';
import { type Description, descriptionIn, WRITABLE } from './guard.ts';

/** A guard that does not answer for this long is none. */
const ANSWER_MS = 10_000;

export type Look = {
  /** Nothing of a step is left in it. */
  readonly isClean: boolean;
  /** Since it was new, the kernel has ended a process in it for want of memory. */
  readonly hadOomKill: boolean;
};

export class WarmContainer {
  readonly container: Docker.Container;
  /** Of all that ever ran in it. */
  readonly gauge: Gauge;
  readonly #guard: NodeJS.ReadWriteStream;
  #printed = '';
  #onPrinted: (() => void) | undefined;
  #asked = 0;
  #isOver = false;
  /** As it was when it was new; undefined until `start` has ended. */
  #fresh: Description | undefined;
  /** Outside of the guard's sight: changes that only an owner of the folders could make. */
  #owned: () => string | undefined = () => undefined;
  #freshOwned = '';
  #ending: Promise<void> | undefined;

  private constructor(container: Docker.Container, guard: NodeJS.ReadWriteStream) {
    this.container = container;
    this.gauge = containerGauge(container);
    this.#guard = guard;
    const read = frameReader((_, chunk) => {
      this.#printed += chunk.toString('latin1');
    });
    guard.on('data', (chunk: Buffer) => {
      read(chunk);
      this.#onPrinted?.();
    });
    const over = () => {
      this.#isOver = true;
      this.#onPrinted?.();
    };
    for (const event of ['end', 'close', 'error']) guard.once(event, over);
    // One that waits keeps nobody from ending.
    if ('unref' in guard && typeof guard.unref === 'function') guard.unref();
  }

  /** Undefined where such a container cannot be told to be clean: then it is none to keep. */
  static async start(
    { client }: Engine,
    specification: ContainerCreateOptions,
    stepUid: number,
  ): Promise<Answer<WarmContainer | undefined>> {
    const made = await ask(() => client.createContainer(specification));
    if (!made.ok) return made;
    const attached = await ask(() => made.value.attach(ATTACH));
    const started = attached.ok ? await ask(() => made.value.start()) : attached;
    if (!attached.ok || !started.ok) {
      await removeContainer(made.value);
      return { ok: false, error: refusalOf(attached, started) };
    }
    const warm = new WarmContainer(made.value, attached.value);
    if (await warm.#learn(stepUid)) return { ok: true, value: warm };
    await warm.end();
    return { ok: true, value: undefined };
  }

  get isAlive(): boolean {
    return !this.#isOver && this.#ending === undefined;
  }

  /** What can be left behind has to be visible, or it cannot be told to be gone. */
  async #learn(stepUid: number): Promise<boolean> {
    const [fresh, found] = await Promise.all([
      this.describe(),
      ask(() => this.container.inspect()),
    ]);
    if (fresh?.oomKills === undefined || !fresh.isFiltered || !found.ok) return false;
    const { Mounts, State, Id } = found.value;
    // The image's own volumes can be written, and nobody looks into them.
    if (Mounts.some(({ Type }) => Type === 'volume')) return false;
    const owned = stepUid === 0 ? ownedFolders(State.Pid, Id) : () => '';
    const freshOwned = owned();
    if (freshOwned === undefined) return false;
    this.#owned = owned;
    this.#freshOwned = freshOwned;
    this.#fresh = fresh;
    return true;
  }

  /** Undefined when it has ended. */
  async describe(): Promise<Description | undefined> {
    this.#asked += 1;
    const word = String(this.#asked);
    this.#printed = '';
    this.#guard.write(`${word}\n`);
    const until = performance.now() + ANSWER_MS;
    for (;;) {
      const description = descriptionIn(this.#printed, word);
      if (description !== undefined) return description;
      if (this.#isOver || performance.now() > until) return undefined;
      await this.#somethingPrinted();
    }
  }

  async #somethingPrinted(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ANSWER_MS);
    this.#onPrinted = resolve;
    await promise;
    clearTimeout(timer);
    this.#onPrinted = undefined;
  }

  /** Undefined when it has ended: then nobody knows. */
  async look(): Promise<Look | undefined> {
    const now = await this.describe();
    const fresh = this.#fresh;
    if (now === undefined || fresh === undefined) return undefined;
    return {
      isClean: now.text === fresh.text && this.#owned() === this.#freshOwned,
      hadOomKill: now.oomKills !== fresh.oomKills,
    };
  }

  /** Kills all that runs in it; settles when it is gone. */
  end(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async #end(): Promise<void> {
    await removeContainer(this.container);
    if ('destroy' in this.#guard && typeof this.#guard.destroy === 'function') {
      this.#guard.destroy();
    }
  }
}

const ATTACH = { stream: true, stdin: true, stdout: true, stderr: true, hijack: true } as const;

function refusalOf(...answers: readonly Answer<unknown>[]): Refusal {
  const [refused] = answers.flatMap(answer => (answer.ok ? [] : [answer.error]));
  return refused ?? { kind: 'gone', message: '' };
}

/** A step that is root owns these, and could change more of them than what is in them. */
const ROOT_OWNED = [...WRITABLE, '/dev', '/dev/pts'];

/** Undefined where this process does not see into the container. */
const ownedFolders = (pid: number, id: string) => (): string | undefined => {
  try {
    // An engine in a machine of its own counts processes by other numbers than this one.
    if (!readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(id)) return undefined;
    return ROOT_OWNED.map(folder => {
      const stat = lstatSync(`/proc/${pid}/root${folder}`, { bigint: true });
      return [stat.ino, stat.mode, stat.uid, stat.gid, stat.ctimeNs].join(' ');
    }).join('\n');
  } catch {
    return undefined;
  }
};
