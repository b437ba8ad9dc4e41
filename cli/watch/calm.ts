/**
 * Gathers changes until the storm is over: an editor writes a file in several strokes, git checks
 * out hundreds. Unaware of what changed; told of time and of git by its options.
 */

export type CalmOptions = {
  /** Everything that was noted since the last call; never empty. */
  readonly onCalm: (noted: ReadonlySet<string>) => void;
  /** True while somebody is known to be in the middle of something: git holds its lock. */
  readonly isBusy: () => boolean;
  readonly now?: () => number;
};

/** Nothing new for this long is the end of a save. */
export const QUIET_MS = 30;
/** Who saves again within this time after that will do so once more: each time the wait doubles. */
export const STORM_MS = 300;
/** But changes that never end are looked at this often. */
export const LONGEST_MS = 500;
/** A lock that was left behind by a git that died must not stop us for ever. */
export const BUSY_MS = 10_000;

export class Calm {
  readonly #options: CalmOptions;
  readonly #now: () => number;
  #noted = new Set<string>();
  #since = 0;
  #quietMs = QUIET_MS;
  #calmAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: CalmOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  note(path: string): void {
    const now = this.#now();
    if (this.#noted.size === 0) {
      this.#since = now;
      this.#quietMs = now - this.#calmAt < STORM_MS ? this.#quietMs * 2 : QUIET_MS;
    }
    this.#noted.add(path);
    this.#arm(Math.max(0, Math.min(this.#quietMs, this.#since + LONGEST_MS - now)));
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#noted = new Set();
  }

  #arm(waitMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#settle(), waitMs);
  }

  #settle(): void {
    if (this.#noted.size === 0) return;
    if (this.#options.isBusy() && this.#now() - this.#since < BUSY_MS) {
      this.#arm(QUIET_MS);
      return;
    }
    const noted = this.#noted;
    this.#noted = new Set();
    this.#calmAt = this.#now();
    this.#options.onCalm(noted);
  }
}
