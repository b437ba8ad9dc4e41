/**
 * The registry of dataset versions: one folder a name, one file a version, written once and never
 * changed (docs/dataset-format.md). Two processes at once get two numbers, or the same number for
 * the same content; nothing is locked, so nothing can stay locked. Unaware of what a diff is.
 */
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Provenance } from '../../schema/step-protocol.ts';
import { StepError } from '../sdk/step.ts';
import { type Contents, decodeContents, encodeContents } from './contents.ts';
import type { Described, VersionDiff } from './diff.ts';

export const REGISTRY_FORMAT = 1;

/** Exactly `<name>/<number>.json`. */
export type VersionEntry = Described & {
  readonly format: typeof REGISTRY_FORMAT;
  readonly name: string;
  readonly number: number;
  /** Of the dataset's folder, as the store knows it: `sluice data` restores it by this. */
  readonly digest: string;
  readonly kind: string;
  readonly state: string;
  /** Of all files of the dataset; examples' own files for images and files. */
  readonly files: number;
  readonly bytes: number;
  readonly description: string;
  /** The version before it under its name; null for the first. */
  readonly previous: number | null;
  /** `name/number`, as declared. */
  readonly parents: readonly string[];
  readonly diff: VersionDiff | null;
  /** The run that registered it first. */
  readonly created: Provenance | null;
};

type Registered = {
  readonly entry: VersionEntry;
  /** Below the registry's folder. */
  readonly files: readonly string[];
};

export type Registry = {
  /** Numbers that are taken, in order; `entry` is undefined for a file that cannot be read. */
  versions(
    name: string,
  ): readonly { readonly number: number; readonly entry: VersionEntry | undefined }[];
  contents(name: string, digest: string): Contents | undefined;
  /**
   * Finds the version with this digest or makes the next one. `describe` is asked again when
   * another process was faster, because then the version before is another.
   */
  register(
    name: string,
    digest: string,
    contents: Contents,
    describe: (number: number, previous: VersionEntry | undefined) => VersionEntry,
  ): Registered;
};

export function openRegistry(folder: string): Registry {
  const versions: Registry['versions'] = name => {
    if (!existsSync(join(folder, name))) return [];
    return readdirSync(join(folder, name))
      .flatMap(file => /^([1-9]\d*)\.json$/.exec(file)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b)
      .map(number => ({ number, entry: readEntry(join(folder, name, `${number}.json`)) }));
  };
  const registered = (entry: VersionEntry): Registered => ({
    entry,
    files: [`${entry.name}/${entry.number}.json`, contentsFile(entry.name, entry.digest)],
  });
  return {
    versions,
    contents: (name, digest) => {
      try {
        return decodeContents(readFileSync(join(folder, contentsFile(name, digest))));
      } catch {
        return undefined;
      }
    },
    register: (name, digest, contents, describe) => {
      mkdirSync(join(folder, name, CONTENTS_FOLDER), { recursive: true });
      for (;;) {
        const known = versions(name);
        const same = known.find(({ entry }) => entry?.digest === digest)?.entry;
        // Also for a version that is there: what it consists of may have been lost.
        replaceDurably(join(folder, contentsFile(name, digest)), encodeContents(contents));
        if (same !== undefined) return registered(same);
        const number = (known.at(-1)?.number ?? 0) + 1;
        const entry = describe(number, known.findLast(version => version.entry)?.entry);
        const text = `${JSON.stringify(entry, null, 2)}\n`;
        if (createDurably(join(folder, name, `${number}.json`), text)) return registered(entry);
      }
    },
  };
}

const CONTENTS_FOLDER = 'contents';

const contentsFile = (name: string, digest: string): string =>
  `${name}/${CONTENTS_FOLDER}/${digest.replace(/[^0-9a-z]/gi, '-')}`;

/** A damaged entry keeps its number and says nothing. */
function readEntry(path: string): VersionEntry | undefined {
  try {
    const entry = JSON.parse(readFileSync(path, 'utf8')) as VersionEntry;
    return entry.format === REGISTRY_FORMAT ? entry : undefined;
  } catch {
    return undefined;
  }
}

/** A temporary file beside it, complete and on disk. */
function writeAside(path: string, data: string | Buffer): string {
  const aside = `${path}.${randomUUID()}.tmp`;
  writeFileSync(aside, data, { flush: true });
  return aside;
}

function replaceDurably(path: string, data: Buffer): void {
  renameSync(writeAside(path, data), path);
  syncFolder(dirname(path));
}

/**
 * False when the file is there already. A link to a complete file either comes about or does not:
 * a reader never sees half an entry, and of two writers one is told that it was second.
 */
function createDurably(path: string, text: string): boolean {
  const aside = writeAside(path, text);
  try {
    linkSync(aside, path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw new StepError(`the registry cannot be written: ${String(error)}`);
  } finally {
    rmSync(aside);
  }
  syncFolder(dirname(path));
  return true;
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  fsyncSync(folder);
  closeSync(folder);
}
