/**
 * Folders that steps have made and others take, built from the store once for all of a run that can
 * be shown them in place. One that is no longer what was built is built anew for who comes next; who
 * has been shown it sees that by its stamps. Unaware of how a folder is shown.
 */
import type { Digest, StepId } from '../schema/id.ts';
import type { Artifact } from '../schema/trace.ts';
import type { Result, Store } from '../store/store.ts';
import { identityAt } from './file-identity.ts';
import { changedPaths, type Stamps, stampTrees } from './laid-out.ts';

export type BuiltTree = {
  readonly path: string;
  readonly identity: string | undefined;
  readonly stamps: Stamps;
  readonly hasChanged: () => Promise<boolean>;
};

export type Taker = {
  /** Until this one leaves it the tree stays. */
  readonly workdir: string;
  readonly step: StepId;
  /** All steps that take what the tree is built from, as far as the plan tells. */
  readonly takers: readonly StepId[];
};

type Options = {
  readonly store: Pick<Store, 'materialise'>;
  /** A place of the run's own where nothing lies. */
  readonly newPath: () => string;
  readonly remove: (path: string) => void;
};

type Kept = {
  readonly path: string;
  readonly tree: Promise<Result<BuiltTree>>;
  isBuilding: boolean;
  readonly users: Set<string>;
  /** Who has not come yet, and may never. */
  readonly awaited: Set<StepId>;
};

export class BuiltTrees {
  readonly #kept = new Map<Digest, Kept>();
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
  }

  async take(artifact: Artifact, taker: Taker): Promise<Result<BuiltTree>> {
    const { digest } = artifact;
    const known = this.#kept.get(digest);
    // Before anything is waited for: what is in use does not go.
    known?.users.add(taker.workdir);
    const isWhole = known?.isBuilding === true || (known !== undefined && (await isAsBuilt(known)));
    // Several may have looked: the first of them builds it, the others wait for that.
    if (!isWhole && this.#kept.get(digest) === known) {
      this.#dropIdle();
      this.#kept.set(digest, this.#build(artifact, taker));
    }
    const kept = this.#kept.get(digest);
    if (kept === undefined) throw new Error('bug: a tree in use is gone');
    kept.users.add(taker.workdir);
    kept.awaited.delete(taker.step);
    return kept.tree;
  }

  /** It takes nothing any more. */
  leave(workdir: string): void {
    for (const [digest, kept] of this.#kept) {
      const isLeft = kept.users.delete(workdir) && kept.users.size === 0;
      if (isLeft && kept.awaited.size === 0) this.#drop(digest, kept);
    }
  }

  #build(artifact: Artifact, { takers }: Taker): Kept {
    const path = this.#options.newPath();
    const tree = this.#options.store
      .materialise(artifact, path, { readOnly: true })
      .then(async built => (built.ok ? { ok: true as const, value: await stamped(path) } : built));
    const kept = {
      path,
      tree,
      isBuilding: true,
      users: new Set<string>(),
      awaited: new Set(takers),
    };
    const end = () => {
      kept.isBuilding = false;
    };
    void tree.then(end, end);
    return kept;
  }

  /** Whoever was awaited may have been up to date: there is to be room for the next. */
  #dropIdle(): void {
    for (const [digest, kept] of this.#kept) if (kept.users.size === 0) this.#drop(digest, kept);
  }

  #drop(digest: Digest, { path }: Kept): void {
    this.#kept.delete(digest);
    this.#options.remove(path);
  }
}

async function isAsBuilt({ tree }: Kept): Promise<boolean> {
  const built = await tree;
  return built.ok && !(await built.value.hasChanged());
}

async function stamped(path: string): Promise<BuiltTree> {
  const identity = identityAt(path);
  const stamps = await stampTrees([path]);
  const hasChanged = async () =>
    (await changedPaths(stamps)).length > 0 || identityAt(path) !== identity;
  return { path, identity, stamps, hasChanged };
}
