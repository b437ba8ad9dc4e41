/**
 * The folders that a warm container has bound, and their way from one attempt to the next. A bind
 * follows its folder wherever that is renamed to: so they take the place of an attempt's working
 * directory before anything is laid out there, and leave it, emptied, afterwards. What is bound
 * read-only stays so. Unaware of containers.
 */
import { lstatSync, mkdirSync, readdirSync, renameSync, rmdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { OwnFolders } from './shape.ts';

export class Place {
  /** Where they rest between two attempts. */
  readonly #rest: string;
  readonly #mountPoints: readonly string[];
  readonly #marks: string;
  #at: OwnFolders;

  /** `first`: the attempt whose folders they are; from then on they are the container's. */
  constructor(first: OwnFolders, rest: string) {
    this.#at = first;
    this.#rest = rest;
    this.#mountPoints = first.mountPoints;
    this.#marks = marksOf(first);
  }

  /** False where something lies already; then nothing has changed. */
  moveTo(next: OwnFolders): boolean {
    if (!isFree(next.workdir)) return false;
    if (next.scratch !== undefined && !isFree(next.scratch)) return false;
    mkdirSync(dirname(next.workdir), { recursive: true });
    renameSync(join(this.#rest, 'work'), next.workdir);
    if (next.scratch !== undefined) {
      mkdirSync(dirname(next.scratch), { recursive: true });
      renameSync(join(this.#rest, 'scratch'), next.scratch);
    }
    this.#at = next;
    return true;
  }

  /** False where they cannot be used again: a scratch folder that is in use, a folder made other. */
  takeBack(): boolean {
    const { workdir, scratch } = this.#at;
    try {
      if (scratch !== undefined && readdirSync(scratch).length > 0) return false;
      if (marksOf(this.#at) !== this.#marks) return false;
      mkdirSync(this.#rest, { recursive: true });
      if (scratch !== undefined) renameSync(scratch, join(this.#rest, 'scratch'));
      renameSync(workdir, join(this.#rest, 'work'));
      return true;
    } catch {
      return false; // Gone, closed to us, or on another disk: the container goes.
    }
  }

  /** Takes away everything but the folders themselves; false where something stays. */
  async empty(): Promise<boolean> {
    const root = join(this.#rest, 'work');
    const keep = new Set(this.#mountPoints.flatMap(withAncestors));
    try {
      for (const path of keep) await emptyFolder(root, path, keep);
      return [...keep].every(path => namesToRemove(root, path, keep).length === 0);
    } catch {
      return false;
    }
  }

  /** What rests goes, with its container. */
  async remove(): Promise<void> {
    await rm(this.#rest, { recursive: true, force: true }).catch(() => undefined);
  }
}

const marksOf = ({ workdir, bound, scratch }: OwnFolders): string =>
  [...bound.map(path => join(workdir, path)), ...(scratch === undefined ? [] : [scratch])]
    .map(markOf)
    .join('\n');

/** Nothing is there, or a folder with nothing in it, which goes. */
function isFree(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch {
    return lstatSync(path, { throwIfNoEntry: false }) === undefined;
  }
}

const PROBE = '.sluice-probe';

/**
 * What of a folder would be another for the next attempt: its owner and mode, and what becomes of
 * things that are made in it (a default access list says that without a word in the mode).
 */
function markOf(folder: string): string {
  const { ino, mode, uid, gid } = lstatSync(folder);
  const probe = join(folder, PROBE);
  mkdirSync(probe, { mode: 0o777 });
  const made = lstatSync(probe);
  rmdirSync(probe);
  return [ino, mode, uid, gid, made.mode, made.gid].join(' ');
}

/** `a/b` → `.`, `a`, `a/b`. */
function withAncestors(path: string): readonly string[] {
  const parts = path === '.' ? [] : path.split('/');
  return ['.', ...parts.map((_, index) => parts.slice(0, index + 1).join('/'))];
}

const inside = (path: string, name: string) => (path === '.' ? name : `${path}/${name}`);

const namesToRemove = (root: string, path: string, keep: ReadonlySet<string>): readonly string[] =>
  readdirSync(join(root, path)).filter(name => !keep.has(inside(path, name)));

async function emptyFolder(root: string, path: string, keep: ReadonlySet<string>): Promise<void> {
  const gone = namesToRemove(root, path, keep).map(name => join(root, inside(path, name)));
  await Promise.all(gone.map(name => rm(name, { recursive: true, force: true })));
}
