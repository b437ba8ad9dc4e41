/**
 * Attempts of dead runs that still run. This run goes on with those whose key it wants, as if it had
 * started them itself; the others are ended. What they lie in is kept from everybody else meanwhile,
 * by the dead run's lock. Unaware of how an attempt runs.
 */
import { closeSync, openSync, renameSync, writeFileSync } from 'node:fs';
import type { CacheKey, StepId } from '../schema/id.ts';
import { readRegularText } from '../store/regular-file.ts';
import type { Orphan } from './executors/executor.ts';
import type { Stamps } from './laid-out.ts';

const FORMAT = 2;

/** Beside a working directory: what lies in it, written when all of it lies there. */
export type AttemptRecord = {
  readonly step: StepId;
  readonly key: CacheKey;
  /** Of everything that was laid out. */
  readonly stamps: Stamps;
};

export const recordPath = (workdir: string): string => `${workdir}.json`;

/** Characters that are written at once. */
const AT_ONCE = 1 << 20;

/** In lines, and not all of them at once: of a large folder that would be several times its names. */
export function writeRecord(workdir: string, { step, key, stamps }: AttemptRecord): void {
  const path = recordPath(workdir);
  const fd = openSync(`${path}.new`, 'w');
  try {
    let text = JSON.stringify({ format: FORMAT, step, key });
    for (const stamp of stamps) {
      text += `\n${JSON.stringify(stamp)}`;
      if (text.length < AT_ONCE) continue;
      writeFileSync(fd, text);
      text = '';
    }
    writeFileSync(fd, text);
  } finally {
    closeSync(fd);
  }
  renameSync(`${path}.new`, path);
}

/** Undefined where there is none that this version understands. */
export function readRecord(workdir: string): AttemptRecord | undefined {
  try {
    const [head = '', ...lines] = (readRegularText(recordPath(workdir)) ?? '').split('\n');
    const { format, step, key } = JSON.parse(head);
    if (format !== FORMAT) return undefined;
    return { step, key, stamps: lines.map(line => JSON.parse(line)) };
  } catch {
    return undefined;
  }
}

export type Stray = {
  /** The dead run. */
  readonly run: string;
  readonly workdir: string;
  readonly record: AttemptRecord;
  readonly handle: NonNullable<Orphan['handle']>;
  readonly end: Orphan['end'];
};

/** `wanted`: steps of this run. Undefined for what nobody can go on with. */
export function strayOf(
  { labels, handle, end }: Orphan,
  wanted: ReadonlySet<StepId>,
): Stray | undefined {
  const { run, workdir } = labels;
  if (handle === undefined || run === undefined || workdir === undefined) return undefined;
  const record = readRecord(workdir);
  const isWhole = record !== undefined && record.key === labels['key'];
  return isWhole && wanted.has(record.step) ? { run, workdir, record, handle, end } : undefined;
}

export type StraysOptions = {
  /** What they lie in is of no more use. */
  readonly release: () => void;
  /** So many have been ended. */
  readonly onEnded: (count: number) => void;
};

export class Strays {
  /** Several of one step, where runs that wanted it with other inputs have died. */
  readonly #byStep: Map<StepId, readonly Stray[]>;
  readonly #options: StraysOptions;

  constructor(strays: readonly Stray[], options: StraysOptions) {
    this.#byStep = Map.groupBy(strays, ({ record }) => record.step);
    this.#options = options;
  }

  /** The step's of this key. Any other would only be in the way, and ends. */
  async take(step: StepId, key: CacheKey): Promise<Stray | undefined> {
    const strays = this.#byStep.get(step) ?? [];
    const taken = strays.find(({ record }) => record.key === key);
    this.#byStep.set(
      step,
      strays.filter(stray => stray !== taken),
    );
    await this.drop(step);
    return taken;
  }

  /** Nobody wants the step's. */
  async drop(step: StepId): Promise<void> {
    const strays = this.#byStep.get(step) ?? [];
    this.#byStep.delete(step);
    const ends = await Promise.all(strays.map(stray => stray.end()));
    const ended = ends.filter(Boolean).length;
    if (ended > 0) this.#options.onEnded(ended);
  }

  /** Nobody wants what is still there. */
  async close(): Promise<void> {
    await Promise.all([...this.#byStep.keys()].map(step => this.drop(step)));
    this.#options.release();
  }
}
