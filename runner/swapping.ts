/**
 * Puts something in the place of what lies there, and loses nothing of it: that is moved away by a
 * rename before anybody judges whose it is. So an edit made meanwhile is either in what was moved
 * or in the new place, and a kill at any moment leaves both. Unaware of whose it is.
 */
import { lstatSync, mkdirSync, realpathSync, renameSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

export type Swap = {
  /** What is put there, on the file system of `target`. */
  readonly made: string;
  readonly target: string;
  /** Absolute root of the project, which is not left. */
  readonly project: string;
  /** Where what lies there is kept, and under which name. */
  readonly folder: string;
  readonly name: string;
  /** When what was there is away and what is made is not there yet. */
  readonly between: () => void;
};

/** Somebody may put something there as often as we take it away. */
const TRIES = 3;

const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;

/** Absolute paths to which what lay there was moved. All in one go: nothing of ours comes between. */
export function swap({ made, target, project, folder, name, between }: Swap): readonly string[] {
  const taken: string[] = [];
  for (let left = TRIES - 1; ; left -= 1) {
    makeFolderOf(target, project);
    const path = takeAway(target, folder, name);
    if (path !== undefined) taken.push(path);
    try {
      between();
      renameSync(made, target);
      return taken;
    } catch (error) {
      const isInTheWay = ['ENOTEMPTY', 'EEXIST', 'EISDIR', 'ENOTDIR'].includes(`${codeOf(error)}`);
      if (isInTheWay && left > 0) continue;
      if (path !== undefined && !isThere(target)) renameSync(path, target);
      throw error;
    }
  }
}

/**
 * Links among the folders above may have come since the pipeline was compiled. Returns the outermost
 * folder that had to be made.
 */
export function makeFolderOf(target: string, project: string): string | undefined {
  const folder = dirname(target);
  let there = folder;
  while (!isThere(there)) there = dirname(there);
  const real = realpathSync(there);
  const root = realpathSync(project);
  if (real !== root && !real.startsWith(root + sep)) {
    throw new Error(`\`${relative(project, there)}\` leads out of the project by now`);
  }
  return mkdirSync(folder, { recursive: true });
}

/** Undefined where nothing lies there. */
function takeAway(target: string, folder: string, name: string): string | undefined {
  if (!isThere(target)) return undefined;
  mkdirSync(folder, { recursive: true });
  try {
    return renamed(target, folder, name);
  } catch (error) {
    // It lies on another disk: to copy it would take time, in which it may be edited.
    if (codeOf(error) === 'EXDEV')
      return renamed(target, dirname(target), `.sluice-replaced-${name}`);
    // Somebody else has taken it, or removed the empty folder: then it is looked for once more.
    if (codeOf(error) === 'ENOENT') return takeAway(target, folder, name);
    throw error;
  }
}

function renamed(path: string, folder: string, name: string): string {
  for (let count = 1; ; count += 1) {
    const to = join(folder, count === 1 ? name : `${name}-${count}`);
    if (isThere(to)) continue;
    renameSync(path, to);
    return to;
  }
}

/** A name for what lay at `to`, which may be longer than any name: what tells it apart is its end. */
export function keptName(to: string, now: number): string {
  const time = new Date(now).toISOString().replace(/[-:.]/g, '');
  const end = Buffer.from(to.replaceAll('/', '_')).subarray(-LONGEST_BYTES);
  return `${time}-${end.toString('utf8').replace(/^\ufffd+/, '')}`;
}

/** With the time, and `.sluice-replaced-` in front, shorter than what file systems take. */
const LONGEST_BYTES = 180;
